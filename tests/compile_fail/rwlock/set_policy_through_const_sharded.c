/* SPDX-License-Identifier: MIT */
/* error: rwlock: set_policy needs an exclusive (non-const) pointer */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

#ifdef BROKEN
void use(const sharded_lock *lock)
#else
void use(sharded_lock *lock)
#endif
{
    (void)im_rwlock_set_policy(lock, IM_RWLOCK_TASK_FAIR);
}
