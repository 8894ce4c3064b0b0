/* SPDX-License-Identifier: MIT */
/* error: seqlock: load_into needs an im_seqlock */
#include <intermut/latch.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latched;

void use(const number *lock, const latched *latch, int *out)
{
#ifdef BROKEN
    im_seqlock_load_into(latch, out);
    (void)lock;
#else
    im_seqlock_load_into(lock, out);
    (void)latch;
#endif
}
