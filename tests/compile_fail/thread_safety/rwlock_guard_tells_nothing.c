/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;
typedef im_write_guard(int) counter_guard;

void use(const counter *self)
{
#ifdef BROKEN
    counter_guard guard = im_rwlock_write_guard(counter_guard, self);
    *im_rwlock_value_mut(self) = 1;
    im_write_guard_release(&guard);
#else
    counter_guard guard = im_rwlock_write_guard(counter_guard, self);
    im_lock_assert_held(self);
    *im_rwlock_value_mut(self) = *im_write_guard_get(&guard);
    im_write_guard_release(&guard);
#endif
}
