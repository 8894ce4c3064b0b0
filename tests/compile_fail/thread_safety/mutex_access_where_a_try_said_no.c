/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self)
{
    im_mutex_try_with(p, self)
    {
        *p = *im_mutex_value(self) + 1;
    }
    else
    {
#ifdef BROKEN
        *im_mutex_value(self) = 1;
#else
        *im_mutex_lock(self) = 1;
        im_mutex_unlock(self);
#endif
    }
}
