/* SPDX-License-Identifier: MIT */
/* error: once: into_inner needs an exclusive (non-const) pointer */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int use(const number *self, int *out)
#else
int use(number *self, int *out)
#endif
{
    return im_once_into_inner(self, out);
}
