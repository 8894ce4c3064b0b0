/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_sharded_rwlock(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    (void)im_rwlock_read(self);
    *im_rwlock_value_mut(self) = 1;
    im_rwlock_read_unlock(self);
#else
    (void)im_rwlock_write(self);
    *im_rwlock_value_mut(self) = 1;
    im_rwlock_write_unlock(self);
#endif
}
