/* SPDX-License-Identifier: MIT */
/* error: once_race: get_or_try_init calls a void drop(T value) */
#include <intermut/once_race.h>

typedef im_once_race(int) number;
int init(int *out, void *argument);

#ifdef BROKEN
void drop(int *value);
#else
void drop(int value);
#endif

void use(const number *self)
{
    int out;
    (void)im_once_race_get_or_try_init(self, init, NULL, drop, &out);
}
