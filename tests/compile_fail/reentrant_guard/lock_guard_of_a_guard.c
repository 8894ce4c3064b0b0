/* SPDX-License-Identifier: MIT */
/* error: reentrant: lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T) */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

void use(const number_lock *lock, guard *self)
{
#ifdef BROKEN
    (void)lock, (void)self;
    guard held = im_reentrant_lock_guard(guard, self);
    (void)held;
#else
    (void)lock, (void)self;
    guard held = im_reentrant_lock_guard(guard, lock);
    (void)held;
#endif
}
