/* SPDX-License-Identifier: MIT */
/* error: mutex_guard: release needs an im_mutex_guard */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef im_mutex_guard(long) long_guard;

void use(guard *self, number *other)
{
#ifdef BROKEN
    (void)self;
    im_mutex_guard_release(other);
#else
    (void)other;
    im_mutex_guard_release(self);
#endif
}
