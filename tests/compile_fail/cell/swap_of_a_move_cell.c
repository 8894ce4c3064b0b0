/* SPDX-License-Identifier: MIT */
/* error: cell: swap needs two cells of one type */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(const counter *plain, const spare *owner)
{
#ifdef BROKEN
    im_cell_swap(plain, owner);
#else
    im_cell_swap(plain, plain);
    im_move_cell_swap(owner, owner);
#endif
}
