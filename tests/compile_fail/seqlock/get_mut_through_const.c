/* SPDX-License-Identifier: MIT */
/* error: seqlock: get_mut needs an exclusive (non-const) pointer */
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_seqlock_get_mut(self);
}
