/* SPDX-License-Identifier: MIT */
/* error: latch: get_mut needs an im_latch */
#include <intermut/latch.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latched;

void use(number *lock, latched *latch)
{
#ifdef BROKEN
    (void)im_latch_get_mut(lock);
    (void)latch;
#else
    (void)im_latch_get_mut(latch);
    (void)lock;
#endif
}
