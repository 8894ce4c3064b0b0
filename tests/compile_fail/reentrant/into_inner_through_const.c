/* SPDX-License-Identifier: MIT */
/* error: reentrant: into_inner needs an exclusive (non-const) pointer */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;

#ifdef BROKEN
int use(const number *self)
#else
int use(number *self)
#endif
{
    return im_reentrant_into_inner(self);
}
