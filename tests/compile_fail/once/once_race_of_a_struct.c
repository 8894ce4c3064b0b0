/* SPDX-License-Identifier: MIT */
/* error: once_race: T must be a pointer or an integer: race for a pointer to it */
#include <intermut/once_race.h>

struct pair {
    int a, b;
};

#ifdef BROKEN
typedef im_once_race(struct pair) number;
#else
typedef im_once_race(struct pair *) number;
#endif

void use(const number *self);
