/* SPDX-License-Identifier: MIT */
/* error: mutex_guard: map_split needs pairs (im_mutex_guard *, pointer to its T) */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef im_mutex_guard(long) long_guard;

void use(guard *self, number *other)
{
#ifdef BROKEN
    (void)self;
    long_guard part = {0};
    im_mutex_guard_map_split(self, p, (&part, p));
#else
    (void)other;
    guard part = {0};
    im_mutex_guard_map_split(self, p, (&part, p));
#endif
}
