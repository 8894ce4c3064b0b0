/* SPDX-License-Identifier: MIT */
/* error: rwlock: get_mut needs an im_rwlock */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

void use(number_lock *lock, number_cell *cell)
{
    (void)cell;
#ifdef BROKEN
    (void)im_rwlock_get_mut(cell);
#else
    (void)im_rwlock_get_mut(lock);
#endif
}
