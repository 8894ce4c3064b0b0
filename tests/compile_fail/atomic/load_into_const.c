/* SPDX-License-Identifier: MIT */
/* error: atomic: load_into needs a pointer to a T */
#include <intermut/atomic.h>

typedef im_atomic(int) counter;

void use(const counter *self, int *out, const int *wrong)
{
#ifdef BROKEN
    im_atomic_load_into(self, wrong);
    (void)out;
#else
    im_atomic_load_into(self, out);
    (void)wrong;
#endif
}
