/* SPDX-License-Identifier: MIT */
/* error clang: that is already held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self, const counter *other)
{
    im_mutex_with(p, self)
    {
#ifdef BROKEN
        *p = *im_mutex_lock(self);
        im_mutex_unlock(self);
#else
        *p = *im_mutex_lock(other);
        im_mutex_unlock(other);
#endif
    }
}
