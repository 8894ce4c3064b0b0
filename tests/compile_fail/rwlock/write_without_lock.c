/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member */
/* error clang: cannot assign to variable */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

void use(const number_lock *lock)
{
#ifdef BROKEN
    lock->im_value = 1;
#else
    im_rwlock_with_write(p, lock) *p = 1;
#endif
}
