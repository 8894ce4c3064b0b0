/* SPDX-License-Identifier: MIT */
/* error: atomic: a store cannot acquire */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    im_atomic_store_explicit(self, 1, memory_order_acquire);
#else
    im_atomic_store_explicit(self, 1, memory_order_release);
#endif
}
