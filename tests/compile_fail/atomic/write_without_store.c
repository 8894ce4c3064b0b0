/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member 'im_value' in read-only object */
/* error clang: cannot assign to variable 'self' with const-qualified type */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    self->im_value = 1;
#else
    im_atomic_store(self, 1);
#endif
}
