/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_reading_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_sharded_rwlock(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    (void)*im_rwlock_value(self);
#else
    (void)im_rwlock_read(self);
    (void)*im_rwlock_value(self);
    im_rwlock_read_unlock(self);
#endif
}
