/* SPDX-License-Identifier: MIT */
/* error: spin: store needs an im_spin */
#include <intermut/spin.h>

typedef im_seqlock(int) number;
typedef im_spin(int) spin;

#ifdef BROKEN
void use(const number *self)
#else
void use(const spin *self)
#endif
{
    im_spin_store(self, 1);
}
