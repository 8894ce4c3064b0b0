/* SPDX-License-Identifier: MIT */
/* error: reentrant_guard: get needs an im_reentrant_guard */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

void use(const number_lock *lock, guard *self)
{
#ifdef BROKEN
    (void)lock, (void)self;
    (void)im_reentrant_guard_get(lock);
#else
    (void)lock, (void)self;
    (void)im_reentrant_guard_get(self);
#endif
}
