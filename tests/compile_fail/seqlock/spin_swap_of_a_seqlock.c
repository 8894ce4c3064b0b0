/* SPDX-License-Identifier: MIT */
/* error: spin: swap needs an im_spin */
#include <intermut/spin.h>

typedef im_seqlock(int) number;
typedef im_spin(int) spin;

#ifdef BROKEN
int use(const number *self)
#else
int use(const spin *self)
#endif
{
    return im_spin_swap(self, 1);
}
