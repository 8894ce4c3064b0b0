/* SPDX-License-Identifier: MIT */
/* error: atomic: load needs an im_atomic */
/* up to 20 errors: every use of a member that an int has not is one more in gcc */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

int use(const counter *self, const int *other)
{
#ifdef BROKEN
    (void)self;
    return im_atomic_load(other);
#else
    (void)other;
    return im_atomic_load(self);
#endif
}
