/* SPDX-License-Identifier: MIT */
/* error: rwlock: with_read needs an im_rwlock */
#include <intermut/cell.h>
#include <intermut/rwlock.h>

typedef im_rwlock(int) number_lock;
typedef im_sharded_rwlock(int) sharded_lock;
typedef im_cell(int) number_cell;

int use(const number_lock *lock, const number_cell *cell)
{
    (void)cell;
#ifdef BROKEN
    im_rwlock_with_read(p, cell) return *p;
#else
    im_rwlock_with_read(p, lock) return *p;
#endif
    return 0;
}
