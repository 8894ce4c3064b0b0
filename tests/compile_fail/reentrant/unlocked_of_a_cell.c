/* SPDX-License-Identifier: MIT */
/* error: reentrant: unlocked needs an im_reentrant */
#include <intermut/reentrant.h>

#include <intermut/cell.h>

typedef im_reentrant(int) number_lock;
typedef im_cell(int) number_cell;

void use(const number_lock *lock, const number_cell *cell)
{
#ifdef BROKEN
    (void)lock;
    im_reentrant_unlocked(cell) {}
#else
    (void)cell;
    im_reentrant_unlocked(lock) {}
#endif
}
