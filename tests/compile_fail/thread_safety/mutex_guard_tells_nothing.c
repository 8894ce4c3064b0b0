/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;
typedef im_mutex_guard(int) counter_guard;

void use(const counter *self)
{
#ifdef BROKEN
    counter_guard guard = im_mutex_lock_guard(counter_guard, self);
    *im_mutex_value(self) = 1;
    im_mutex_guard_release(&guard);
#else
    counter_guard guard = im_mutex_lock_guard(counter_guard, self);
    im_lock_assert_held(self);
    *im_mutex_value(self) = *im_mutex_guard_get(&guard);
    im_mutex_guard_release(&guard);
#endif
}
