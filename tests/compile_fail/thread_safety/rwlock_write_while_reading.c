/* SPDX-License-Identifier: MIT */
/* error clang: that is already held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

void use(const counter *self)
{
    int value = *im_rwlock_read(self);
#ifndef BROKEN
    im_rwlock_read_unlock(self);
#endif
    *im_rwlock_write(self) = value + 1;
    im_rwlock_write_unlock(self);
}
