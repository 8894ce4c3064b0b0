/* SPDX-License-Identifier: MIT */
/* error: unsafe_cell: get_mut needs an exclusive (non-const) pointer */
#include <intermut/unsafe_cell.h>

typedef im_unsafe_cell(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_unsafe_cell_get_mut(self);
}
