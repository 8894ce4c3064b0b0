/* SPDX-License-Identifier: MIT */
/* error: latch: get_mut needs an exclusive (non-const) pointer */
#include <intermut/latch.h>

typedef im_latch(int) latched;

#ifdef BROKEN
int *use(const latched *self)
#else
int *use(latched *self)
#endif
{
    return im_latch_get_mut(self);
}
