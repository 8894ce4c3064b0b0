/* SPDX-License-Identifier: MIT */
/* error: cell: get needs an im_cell (of a move_cell: T is not Copy, use replace or take): pass its address, with a & */
#include <intermut/cell.h>

typedef im_cell(int) number;

int use(number *self)
{
#ifdef BROKEN
    return im_cell_get(*self);
#else
    return im_cell_get(self);
#endif
}
