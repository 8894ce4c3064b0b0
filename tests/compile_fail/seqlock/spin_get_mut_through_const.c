/* SPDX-License-Identifier: MIT */
/* error: spin: get_mut needs an exclusive (non-const) pointer */
#include <intermut/spin.h>

typedef im_spin(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_spin_get_mut(self);
}
