/* SPDX-License-Identifier: MIT */
/* error: reentrant_guard: map makes an im_reentrant_guard */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

void use(const number_lock *lock, guard *self)
{
#ifdef BROKEN
    (void)lock, (void)self;
    (void)im_reentrant_guard_map(number_lock, self, p, p);
#else
    (void)lock, (void)self;
    guard part = im_reentrant_guard_map(guard, self, p, p);
    (void)part;
#endif
}
