/* SPDX-License-Identifier: MIT */
/* error: atomic: expected must be a pointer to T */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

#ifdef BROKEN
bool use(const counter *self, const int *expected)
#else
bool use(const counter *self, int *expected)
#endif
{
    return im_atomic_compare_exchange(self, expected, 1);
}
