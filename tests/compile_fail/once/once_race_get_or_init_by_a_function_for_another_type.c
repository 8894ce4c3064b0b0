/* SPDX-License-Identifier: MIT */
/* error: once_race: get_or_init calls an int init(T *out, void *argument) */
#include <intermut/once_race.h>

typedef im_once_race(int) number;

#ifdef BROKEN
int init(long *out, void *argument);
#else
int init(int *out, void *argument);
#endif

void use(const number *self)
{
    (void)im_once_race_get_or_init(self, init, NULL, NULL);
}
