/* SPDX-License-Identifier: MIT */
/* error: mutex_guard: map needs an im_mutex_guard */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef im_mutex_guard(long) long_guard;

void use(guard *self, number *other)
{
#ifdef BROKEN
    (void)self;
    guard part = im_mutex_guard_map(guard, other, p, p);
    (void)part;
#else
    (void)other;
    guard part = im_mutex_guard_map(guard, self, p, p);
    (void)part;
#endif
}
