/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

void use(const number_lock *lock, const sharded_lock *sharded)
{
    (void)lock, (void)sharded;
#ifdef BROKEN
    *im_rwlock_try_read(lock) = 1;
#else
    *im_rwlock_try_write(lock) = 1;
#endif
}
