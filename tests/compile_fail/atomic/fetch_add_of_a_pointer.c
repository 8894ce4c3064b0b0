/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_add needs an im_atomic of an integer, float or double */
#include <intermut/atomic.h>

#ifdef BROKEN
typedef im_atomic(char *) value;
#else
typedef im_atomic(long) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_add(self, 1);
}
