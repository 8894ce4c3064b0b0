/* SPDX-License-Identifier: MIT */
/* error: cell: update needs an im_cell */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(const counter *plain, const spare *owner)
{
#ifdef BROKEN
    (void)im_cell_update(owner, n, n + 1);
#else
    (void)im_cell_update(plain, n, n + 1);
#endif
}
