/* SPDX-License-Identifier: MIT */
/* error: latch: load needs an im_latch */
#include <intermut/latch.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latch;

#ifdef BROKEN
int use(const number *self)
#else
int use(const latch *self)
#endif
{
    return im_latch_load(self);
}
