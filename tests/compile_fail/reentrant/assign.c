/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_reentrant_destroy(self), im_reentrant_destroy(other);
#endif
}
