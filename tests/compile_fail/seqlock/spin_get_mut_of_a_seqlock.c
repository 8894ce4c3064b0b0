/* SPDX-License-Identifier: MIT */
/* error: spin: get_mut needs an im_spin */
#include <intermut/latch.h>
#include <intermut/spin.h>

typedef im_seqlock(int) number;
typedef im_latch(int) latched;
typedef im_spin(int) spinning;

void use(number *lock, latched *latch, spinning *spin, int *out)
{
#ifdef BROKEN
    (void)im_spin_get_mut(lock);
    (void)lock, (void)latch, (void)spin, (void)out;
#else
    (void)im_spin_get_mut(spin);
    (void)lock, (void)latch, (void)spin, (void)out;
#endif
}
