/* SPDX-License-Identifier: MIT */
/* error: cell: set needs an im_cell (of a move_cell: use replace) */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(const counter *plain, const spare *owner)
{
#ifdef BROKEN
    im_cell_set(owner, 1);
#else
    im_cell_set(plain, 1);
#endif
}
