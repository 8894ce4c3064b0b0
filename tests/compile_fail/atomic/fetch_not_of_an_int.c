/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_not needs an im_atomic of a bool */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef im_atomic(int) value;
#else
typedef im_atomic(bool) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_not(self);
}
