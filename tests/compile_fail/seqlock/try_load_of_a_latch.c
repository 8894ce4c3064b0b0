/* SPDX-License-Identifier: MIT */
/* error: seqlock: try_load needs an im_seqlock */
#include <intermut/latch.h>
#include <intermut/spin.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latched;
typedef im_spin(int) spinning;

void use(number *lock, latched *latch, spinning *spin, int *out)
{
#ifdef BROKEN
    (void)im_seqlock_try_load(latch, out);
    (void)lock, (void)latch, (void)spin, (void)out;
#else
    (void)im_seqlock_try_load(lock, out);
    (void)lock, (void)latch, (void)spin, (void)out;
#endif
}
