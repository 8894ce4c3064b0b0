/* SPDX-License-Identifier: MIT */
/* error: cell: get_mut needs an im_cell */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(counter *plain, spare *owner)
{
#ifdef BROKEN
    *im_cell_get_mut(owner) = 1;
#else
    *im_cell_get_mut(plain) = 1;
#endif
}
