/* SPDX-License-Identifier: MIT */
/* error clang: is still held at the end of function */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self, const counter *other)
{
    *im_mutex_lock(self) = 1;
#ifdef BROKEN
    im_mutex_unlock(other);
#else
    im_mutex_unlock(self);
    if (im_mutex_try_lock(other))
        im_mutex_unlock(other);
#endif
}
