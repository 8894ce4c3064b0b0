/* SPDX-License-Identifier: MIT */
/* error: rwlock: upgradable_unlock needs an im_rwlock */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

void use(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN
    (void)im_rwlock_upgradable_unlock(cell);
#else
    (void)im_rwlock_upgradable_unlock(lock);
#endif
}
