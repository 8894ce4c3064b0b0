/* SPDX-License-Identifier: MIT */
/* error: seqlock: retries needs an im_seqlock */
#define IM_SEQLOCK_STATS
#include <intermut/spin.h>

typedef im_seqlock(int) number;
typedef im_spin(int) spinning;

void use(const number *lock, const spinning *spin)
{
#ifdef BROKEN
    (void)im_seqlock_retries(spin);
    (void)lock;
#else
    (void)im_seqlock_retries(lock);
    (void)spin;
#endif
}
