/* SPDX-License-Identifier: MIT */
/* error: once_race: get_or_try_init writes the value to a T * */
#include <intermut/once_race.h>

typedef im_once_race(int) number;
int init(int *out, void *argument);

#ifdef BROKEN
int use(const number *self, long *out)
#else
int use(const number *self, int *out)
#endif
{
    return im_once_race_get_or_try_init(self, init, NULL, NULL, out);
}
