/* SPDX-License-Identifier: MIT */
/* error gcc: makes integer from pointer without a cast */
/* error clang: incompatible pointer to integer conversion */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self, int *value)
{
#ifdef BROKEN
    im_atomic_store(self, value);
#else
    im_atomic_store(self, *value);
#endif
}
