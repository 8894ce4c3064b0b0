/* SPDX-License-Identifier: MIT */
/* error: mutex: lock_guard needs an im_mutex_guard(T) and an im_mutex(T) */
#include <intermut/mutex.h>

typedef im_mutex(int) number;
typedef im_mutex_guard(int) guard;
typedef im_mutex_guard(long) long_guard;

void use(const number *self)
{
#ifdef BROKEN
    long_guard held = im_mutex_lock_guard(long_guard, self);
    (void)held;
#else
    guard held = im_mutex_lock_guard(guard, self);
    (void)held;
#endif
}
