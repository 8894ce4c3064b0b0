/* SPDX-License-Identifier: MIT */
/* error clang: is still held at the end of function */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

void use(const counter *self)
{
    *im_mutex_lock(self) = 1;
#ifndef BROKEN
    im_mutex_unlock(self);
#endif
}
