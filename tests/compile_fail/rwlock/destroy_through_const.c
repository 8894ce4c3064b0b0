/* SPDX-License-Identifier: MIT */
/* error: rwlock: destroy needs an exclusive (non-const) pointer */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

#ifdef BROKEN
void use(const number_lock *lock)
#else
void use(number_lock *lock)
#endif
{
    (void)im_rwlock_destroy(lock);
}
