/* SPDX-License-Identifier: MIT */
/* error: cell: get_mut needs an exclusive (non-const) pointer */
#include <intermut/cell.h>

typedef im_cell(int) counter;

#ifdef BROKEN
int *use(const counter *self)
#else
int *use(counter *self)
#endif
{
    return im_cell_get_mut(self);
}
