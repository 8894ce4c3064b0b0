/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member 'im_value' in read-only object */
/* error clang: read-only variable is not assignable */
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
    im_cell_project(int_view, self, x)->im_value = 1;
#else
    im_cell_set(im_cell_project(int_view, self, x), 1);
    (void)moved;
#endif
}
