/* SPDX-License-Identifier: MIT */
/* error: cell: into_inner needs an im_cell */
#include <intermut/move_cell.h>

typedef im_cell(int) counter;
typedef im_move_cell(int) spare;

void use(counter *plain, spare *owner)
{
#ifdef BROKEN
    (void)im_cell_into_inner(owner);
#else
    (void)im_cell_into_inner(plain);
#endif
}
