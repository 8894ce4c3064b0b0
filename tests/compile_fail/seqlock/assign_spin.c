/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
#include <intermut/spin.h>

typedef im_spin(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_spin_store(self, im_spin_load(other));
#endif
}
