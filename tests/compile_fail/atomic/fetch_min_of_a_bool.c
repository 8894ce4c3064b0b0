/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_min needs an im_atomic of an integer, float or double */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef im_atomic(bool) value;
#else
typedef im_atomic(unsigned char) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_min(self, 1);
}
