/* SPDX-License-Identifier: MIT */
/* error: cell: get needs an im_cell (of a move_cell: T is not Copy, use replace or take) */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(const counter *plain, const spare *owner)
{
#ifdef BROKEN
    (void)im_cell_get(owner);
#else
    (void)im_cell_get(plain);
#endif
}
