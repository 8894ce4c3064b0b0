/* SPDX-License-Identifier: MIT */
/* error: lazy: into_inner needs an exclusive (non-const) pointer */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

#ifdef BROKEN
int use(const number *self, int *out)
#else
int use(number *self, int *out)
#endif
{
    return im_lazy_into_inner(self, out);
}
