/* SPDX-License-Identifier: MIT */
/* error: seqlock: load_into needs a pointer to a T */
#include <intermut/latch.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latched;

void use(const number *lock, int *out, long *wrong)
{
#ifdef BROKEN
    im_seqlock_load_into(lock, wrong);
    (void)out;
#else
    im_seqlock_load_into(lock, out);
    (void)wrong;
#endif
}
