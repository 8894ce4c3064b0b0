/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*one' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

void use(number_lock *one, number_lock *other)
{
#ifdef BROKEN
    *one = *other;
#else
    *im_rwlock_get_mut(one) = *im_rwlock_get_mut(other);
#endif
}
