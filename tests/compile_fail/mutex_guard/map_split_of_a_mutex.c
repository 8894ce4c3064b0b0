/* SPDX-License-Identifier: MIT */
/* error: mutex_guard: map_split needs an im_mutex_guard */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef im_mutex_guard(long) long_guard;

void use(guard *self, number *other)
{
#ifdef BROKEN
    (void)self;
    guard part = {0};
    im_mutex_guard_map_split(other, p, (&part, p));
#else
    (void)other;
    guard part = {0};
    im_mutex_guard_map_split(self, p, (&part, p));
#endif
}
