/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/reentrant.h>

typedef im_reentrant(int) number_lock;
typedef im_reentrant_guard(int) guard;
typedef im_reentrant_guard(long) long_guard;

void use(const number_lock *lock, guard *self)
{
#ifdef BROKEN
    (void)lock, (void)self;
    *im_reentrant_guard_get(self) = 1;
#else
    (void)lock, (void)self;
    (void)*im_reentrant_guard_get(self);
#endif
}
