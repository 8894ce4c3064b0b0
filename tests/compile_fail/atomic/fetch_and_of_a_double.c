/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_and needs an im_atomic of an integer or bool */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef im_atomic(double) value;
#else
typedef im_atomic(long) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_and(self, 1);
}
