/* SPDX-License-Identifier: MIT */
/* error: reentrant: try_with_until needs an im_reentrant */
#include <intermut/cell.h>
#include <intermut/reentrant.h>

typedef im_reentrant(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)self;
    im_reentrant_try_with_until(p, other, 1)(void) * p;
#else
    (void)other;
    im_reentrant_try_with_until(p, self, 1)(void) * p;
#endif
}
