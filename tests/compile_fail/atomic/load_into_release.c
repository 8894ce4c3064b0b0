/* SPDX-License-Identifier: MIT */
/* error: atomic: a load cannot release */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self, int *out)
{
#ifdef BROKEN
    im_atomic_load_into_explicit(self, out, memory_order_acq_rel);
#else
    im_atomic_load_into_explicit(self, out, memory_order_acquire);
#endif
}
