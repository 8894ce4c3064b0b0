/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_access_to_the_value' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/rwlock.h>

typedef im_rwlock(int) counter;

#ifdef BROKEN
#define WITH im_rwlock_with_read
#else
#define WITH im_rwlock_with_write
#endif

void use(const counter *self)
{
    WITH(p, self) * im_rwlock_value_mut(self) = *p + 1;
}
