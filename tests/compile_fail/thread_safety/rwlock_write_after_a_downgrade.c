/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

int use(const counter *self)
{
    *im_rwlock_write(self) = 1;
    int value = *im_rwlock_downgrade(self);
#ifdef BROKEN
    *im_rwlock_value_mut(self) = 2;
#else
    value += *im_rwlock_value(self);
#endif
    im_rwlock_read_unlock(self);
    return value;
}
