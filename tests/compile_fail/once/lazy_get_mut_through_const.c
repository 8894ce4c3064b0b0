/* SPDX-License-Identifier: MIT */
/* error: lazy: get_mut needs an exclusive (non-const) pointer */
#include <intermut/lazy.h>

typedef im_lazy(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_lazy_get_mut(self);
}
