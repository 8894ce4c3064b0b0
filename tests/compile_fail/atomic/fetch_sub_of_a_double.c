/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_sub needs an im_atomic of an integer */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef im_atomic(double) value;
#else
typedef im_atomic(long) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_sub(self, 1);
}
