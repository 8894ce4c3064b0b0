/* SPDX-License-Identifier: MIT */
/* error: seqlock: update_by needs an im_seqlock */
#include <intermut/cell.h>
#include <intermut/seqlock.h>

typedef im_seqlock(int) number;
typedef im_cell(int) cell;
void add(int *n, void *context);

#ifdef BROKEN
void use(const cell *self)
#else
void use(const number *self)
#endif
{
    im_seqlock_update_by(self, add, NULL);
}
