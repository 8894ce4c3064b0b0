/* SPDX-License-Identifier: MIT */
/* error: mutex_guard: unlocked needs an im_mutex_guard */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;

void use(guard *self, number *other)
{
#ifdef BROKEN
    (void)self;
    im_mutex_guard_unlocked(other) {}
#else
    (void)other;
    im_mutex_guard_unlocked(self) {}
#endif
}
