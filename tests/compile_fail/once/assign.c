/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member */
#include <intermut/once.h>

typedef im_once(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    number moved = *other;
    (void)moved;
    (void)self;
#endif
}
