/* SPDX-License-Identifier: MIT */
/* error: once_race: get_mut needs an exclusive (non-const) pointer */
#include <intermut/once_race.h>

typedef im_once_race(int) number;

#ifdef BROKEN
int *use(const number *self)
#else
int *use(number *self)
#endif
{
    return im_once_race_get_mut(self);
}
