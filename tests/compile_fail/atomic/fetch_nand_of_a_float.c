/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_nand needs an im_atomic of an integer or bool */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef im_atomic(float) value;
#else
typedef im_atomic(int) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_nand(self, 1);
}
