/* SPDX-License-Identifier: MIT */
/* error: reentrant: try_lock needs an im_reentrant */
#include <intermut/cell.h>
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    (void)im_reentrant_try_lock(other);
#else
    (void)other;
    (void)im_reentrant_try_lock(self);
#endif
}
