/* SPDX-License-Identifier: MIT */
/* error: mut_once: try_get_mut needs an exclusive (non-const) pointer */
#include <intermut/mut_once.h>

typedef im_sync_mut_once(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_mut_once_try_get_mut(self);
}
