/* SPDX-License-Identifier: MIT */
/* error: reentrant_guard: map_split needs an im_reentrant_guard */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

void use(const number_lock *lock, guard *self)
{
#ifdef BROKEN
    (void)lock, (void)self;
    guard part = {0};
    im_reentrant_guard_map_split(lock, p, (&part, p));
#else
    (void)lock, (void)self;
    guard part = {0};
    im_reentrant_guard_map_split(self, p, (&part, p));
#endif
}
