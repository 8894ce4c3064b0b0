/* SPDX-License-Identifier: MIT */
/* error: latch: into_inner needs an exclusive (non-const) pointer */
#include <intermut/latch.h>

typedef im_latch(int) number;

#ifdef BROKEN
int use(const number *self)
#else
int use(number *self)
#endif
{
    return im_latch_into_inner(self);
}
