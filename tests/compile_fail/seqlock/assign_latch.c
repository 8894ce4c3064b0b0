/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
#include <intermut/latch.h>

typedef im_latch(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_latch_store(self, im_latch_load(other));
#endif
}
