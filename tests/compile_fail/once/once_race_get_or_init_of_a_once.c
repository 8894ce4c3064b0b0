/* SPDX-License-Identifier: MIT */
/* error: once_race: get_or_init needs an im_once_race */
#include <intermut/once.h>
#include <intermut/once_race.h>

typedef im_once(int) number;
typedef im_once_race(int) raced_number;
int init(int *out, void *argument);

#ifdef BROKEN
void use(const number *self)
#else
void use(const raced_number *self)
#endif
{
    (void)im_once_race_get_or_init(self, init, NULL, NULL);
}
