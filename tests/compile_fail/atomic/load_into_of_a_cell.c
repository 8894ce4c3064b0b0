/* SPDX-License-Identifier: MIT */
/* error: atomic: load_into needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) cell;

void use(const counter *self, const cell *other, int *out)
{
#ifdef BROKEN
    im_atomic_load_into(other, out);
    (void)self;
#else
    im_atomic_load_into(self, out);
    (void)other;
#endif
}
