/* SPDX-License-Identifier: MIT */
/* error: rwlock: unlocked_upgradable needs an im_rwlock */
#include <intermut/rwlock.h>

#include <intermut/cell.h>

typedef im_rwlock(int) number_lock;
typedef im_cell(int) number_cell;

void use(const number_lock *lock, const number_cell *cell)
{
#ifdef BROKEN
    (void)lock;
    im_rwlock_unlocked_upgradable(cell) {}
#else
    (void)cell;
    im_rwlock_unlocked_upgradable(lock) {}
#endif
}
