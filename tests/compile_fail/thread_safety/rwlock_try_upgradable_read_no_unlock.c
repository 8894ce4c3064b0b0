/* SPDX-License-Identifier: MIT */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    const int *n = im_rwlock_try_upgradable_read(self);
    if (n)
        (void)*n;
#else
    const int *n = im_rwlock_try_upgradable_read(self);
    if (n) {
        (void)*im_rwlock_value(self);
        im_rwlock_upgradable_unlock(self);
    }
#endif
}
