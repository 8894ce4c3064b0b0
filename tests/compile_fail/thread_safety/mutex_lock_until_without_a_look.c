/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety -DIM_THREAD_SAFETY=1 */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    int *n = im_mutex_lock_until(self, 0);
    *im_mutex_value(self) = 1;
    if (n)
        im_mutex_unlock(self);
#else
    int *n = im_mutex_lock_until(self, 0);
    if (n) {
        *im_mutex_value(self) = *n + 1;
        im_mutex_unlock(self);
    }
#endif
}
