/* SPDX-License-Identifier: MIT */
/* error: latch: store needs an im_latch */
#include <intermut/latch.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latch;

#ifdef BROKEN
void use(const number *self)
#else
void use(const latch *self)
#endif
{
    im_latch_store(self, 1);
}
