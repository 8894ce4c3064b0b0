/* SPDX-License-Identifier: MIT */
/* error: cell: take needs an im_cell */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(const counter *plain, const spare *owner)
{
#ifdef BROKEN
    (void)im_cell_take(owner);
#else
    (void)im_cell_take(plain);
#endif
}
