/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(counter *self, counter *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_atomic_store(self, im_atomic_load(other));
#endif
}
