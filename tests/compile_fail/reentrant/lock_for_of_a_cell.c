/* SPDX-License-Identifier: MIT */
/* error: reentrant: lock_for needs an im_reentrant */
#include <intermut/cell.h>
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    (void)im_reentrant_lock_for(other, 1);
#else
    (void)other;
    (void)im_reentrant_lock_for(self, 1);
#endif
}
