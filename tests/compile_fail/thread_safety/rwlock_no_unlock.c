/* SPDX-License-Identifier: MIT */
/* error clang: is still held at the end of function */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

int use(const counter *self)
{
    int value = *im_rwlock_read(self);
#ifndef BROKEN
    im_rwlock_read_unlock(self);
#endif
    return value;
}
