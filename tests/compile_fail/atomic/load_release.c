/* SPDX-License-Identifier: MIT */
/* error: atomic: a load cannot release */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    (void)im_atomic_load_explicit(self, memory_order_release);
#else
    (void)im_atomic_load_explicit(self, memory_order_acquire);
#endif
}
