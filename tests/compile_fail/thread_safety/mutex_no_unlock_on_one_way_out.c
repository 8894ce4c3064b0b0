/* SPDX-License-Identifier: MIT */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

int use(const counter *self)
{
    int value = *im_mutex_lock(self);
#ifdef BROKEN
    if (value < 0)
        return value;
#endif
    im_mutex_unlock_fair(self);
    return value;
}
