/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/mutex.h>

typedef im_mutex(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_mutex_destroy(self), im_mutex_destroy(other);
#endif
}
