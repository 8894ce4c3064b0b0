/* SPDX-License-Identifier: MIT */
/* error: seqlock: store needs an im_seqlock */
#include <intermut/cell.h>
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;
typedef im_cell(int) cell;

#ifdef BROKEN
void use(const cell *self)
#else
void use(const number *self)
#endif
{
    im_seqlock_store(self, 1);
}
