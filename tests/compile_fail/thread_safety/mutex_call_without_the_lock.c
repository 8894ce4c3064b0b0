/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'add' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

static void add(const counter *self) IM_REQUIRES_LOCK(self);
static void add(const counter *self)
{
    ++*im_mutex_value(self); /* its caller has the lock */
}

void use(const counter *self)
{
#ifdef BROKEN
    add(self);
#else
    im_mutex_with(p, self) add(self);
    if (im_mutex_try_lock(self)) {
        im_lock_assert_held(self); /* a try in pair form is not followed */
        add(self);
        im_mutex_unlock(self);
    }
#endif
}
