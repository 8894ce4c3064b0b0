/* SPDX-License-Identifier: MIT */
/* error: reentrant: try_with needs an im_reentrant */
#include <intermut/cell.h>
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    im_reentrant_try_with(p, other)(void) * p;
#else
    (void)other;
    im_reentrant_try_with(p, self)(void) * p;
#endif
}
