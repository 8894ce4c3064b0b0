/* SPDX-License-Identifier: MIT */
/* error: reentrant_guard: move needs an im_reentrant_guard */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

void use(number_lock *lock, guard *self)
{
#ifdef BROKEN
    (void)lock, (void)self;
    guard moved = im_reentrant_guard_move(lock);
    (void)moved;
#else
    (void)lock, (void)self;
    guard moved = im_reentrant_guard_move(self);
    (void)moved;
#endif
}
