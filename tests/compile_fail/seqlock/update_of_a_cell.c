/* SPDX-License-Identifier: MIT */
/* error: seqlock: update needs an im_seqlock */
#include <intermut/cell.h>
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;
typedef im_cell(int) cell;

#ifdef BROKEN
int use(const cell *self)
#else
int use(const number *self)
#endif
{
    return im_seqlock_update(self, n, n + 1);
}
