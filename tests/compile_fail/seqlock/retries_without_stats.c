/* SPDX-License-Identifier: MIT */
/* error: seqlock: retries are counted with -DIM_SEQLOCK_STATS */
#ifndef BROKEN
#define IM_SEQLOCK_STATS
#endif
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;

#ifdef BROKEN
/* as it is by default */
#else
/* defined above */
#endif
uint32_t use(const number *self)
{
    return im_seqlock_retries(self);
}
