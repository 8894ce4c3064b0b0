/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self)
{
#ifndef BROKEN
    im_mutex_lock(self);
#endif
    *im_mutex_value(self) = 1;
#ifndef BROKEN
    im_mutex_unlock(self);
#endif
}
