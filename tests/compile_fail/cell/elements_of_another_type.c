/* SPDX-License-Identifier: MIT */
/* error: cell: elements needs an im_cell_view of the type of the elements */
#include <intermut/cell_view.h>
#include <intermut/move_cell.h>

typedef struct {
    int x, y;
    double weight;
    int many[3];
} point;
typedef im_cell(point) point_cell;
typedef im_cell(int) int_cell;
typedef im_cell_view(int) int_view;
typedef im_cell_view(int[3]) array_view;
typedef im_move_cell(point) owner;

void use(const point_cell *self, const owner *moved)
{
#ifdef BROKEN
    (void)im_cell_elements(array_view, im_cell_project(array_view, self, many));
#else
    (void)im_cell_elements(int_view, im_cell_project(array_view, self, many));
    (void)moved;
#endif
}
