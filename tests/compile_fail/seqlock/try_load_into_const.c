/* SPDX-License-Identifier: MIT */
/* error: seqlock: try_load needs a pointer to a T */
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;

#ifdef BROKEN
bool use(const number *self, const int *copy)
#else
bool use(const number *self, int *copy)
#endif
{
    return im_seqlock_try_load(self, copy);
}
