/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_seqlock_store(self, im_seqlock_load(other));
#endif
}
