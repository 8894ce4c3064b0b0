/* SPDX-License-Identifier: MIT */
/* error clang: that is already held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self)
{
    *im_mutex_lock(self) = 1;
#ifndef BROKEN
    im_mutex_unlock(self);
#endif
    *im_mutex_lock(self) = 2;
    im_mutex_unlock(self);
}
