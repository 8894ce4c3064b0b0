/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

int use(const counter *self)
{
#ifdef BROKEN
    return *im_rwlock_value(self);
#else
    int value = 0;
    im_rwlock_with_read(p, self) value = *im_rwlock_value(self);
    return value;
#endif
}
