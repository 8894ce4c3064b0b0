/* SPDX-License-Identifier: MIT */
/* error: seqlock: into_inner needs an exclusive (non-const) pointer */
#include <intermut/seqlock.h>

typedef im_single_seqlock(int) number;

#ifdef BROKEN
int use(const number *self)
#else
int use(number *self)
#endif
{
    return im_seqlock_into_inner(self);
}
