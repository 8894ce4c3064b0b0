/* SPDX-License-Identifier: MIT */
/* error: reentrant: get_mut needs an exclusive (non-const) pointer */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_reentrant_get_mut(self);
}
