/* SPDX-License-Identifier: MIT */
/* error: atomic: get_mut needs an exclusive (non-const) pointer */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

#ifdef BROKEN
int *use(const counter *self)
#else
int *use(counter *self)
#endif
{
    return im_atomic_get_mut(self);
}
