/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    int *n = im_rwlock_write_until(self, 0);
    (void)*im_rwlock_value_mut(self);
    if (n)
        im_rwlock_write_unlock(self);
#else
    int *n = im_rwlock_write_until(self, 0);
    if (n) {
        (void)*im_rwlock_value_mut(self);
        im_rwlock_write_unlock(self);
    }
#endif
}
