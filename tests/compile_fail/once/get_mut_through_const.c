/* SPDX-License-Identifier: MIT */
/* error: once: get_mut needs an exclusive (non-const) pointer */
#include <intermut/once.h>

typedef im_once(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_once_get_mut(self);
}
