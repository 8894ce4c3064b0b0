/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

void use(const counter *self)
{
    (void)im_rwlock_upgradable_read(self);
#ifdef BROKEN
    *im_rwlock_value_mut(self) = 1;
    im_rwlock_upgradable_unlock(self);
#else
    (void)im_rwlock_upgrade(self);
    *im_rwlock_value_mut(self) = 1;
    im_rwlock_write_unlock(self);
#endif
}
