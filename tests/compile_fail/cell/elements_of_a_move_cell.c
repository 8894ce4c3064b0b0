/* SPDX-License-Identifier: MIT */
/* error: cell: elements needs an im_cell */
#include <intermut/move_cell.h>
#include <intermut/cell_view.h>

typedef im_cell(int[3]) three;
typedef im_move_cell(int[3]) owned_three;
typedef im_cell_view(int) int_view;

void use(const three *plain, const owned_three *owner)
{
#ifdef BROKEN
    (void)im_cell_elements(int_view, owner);
    (void)plain;
#else
    (void)im_cell_elements(int_view, plain);
    (void)owner;
#endif
}
