/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_add needs an im_atomic of an integer, float or double */
/* up to 8 errors: the arithmetic that it cannot do is compiled, too */
#include <intermut/atomic.h>

struct point {
    short x, y;
};
#ifdef BROKEN
typedef im_atomic(struct point) value;
#else
typedef im_atomic(int) value;
#endif

void use(const value *self)
{
    (void)im_atomic_fetch_add(self, 1);
}
