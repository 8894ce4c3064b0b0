/* SPDX-License-Identifier: MIT */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

/* case: lock_guard_for_of_another_type */
/* error: reentrant: lock_guard_for needs an im_reentrant_guard(T) and an im_reentrant(T) */
void use_lock_guard_for_of_another_type(const number *self)
{
#ifdef BROKEN_lock_guard_for_of_another_type
    long_guard held = im_reentrant_lock_guard_for(long_guard, self, 1);
#else
    guard held = im_reentrant_lock_guard_for(guard, self, 1);
#endif
    (void)held;
}

/* case: lock_guard_until_of_another_type */
/* error: reentrant: lock_guard_until needs an im_reentrant_guard(T) and an im_reentrant(T) */
void use_lock_guard_until_of_another_type(const number *self)
{
#ifdef BROKEN_lock_guard_until_of_another_type
    long_guard held = im_reentrant_lock_guard_until(long_guard, self, 1);
#else
    guard held = im_reentrant_lock_guard_until(guard, self, 1);
#endif
    (void)held;
}
