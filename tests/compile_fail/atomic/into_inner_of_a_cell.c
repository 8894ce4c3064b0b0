/* SPDX-License-Identifier: MIT */
/* error: atomic: into_inner needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(counter *self, plain_counter *other)
{
#ifdef BROKEN
    (void)im_atomic_into_inner(other);
#else
    (void)im_atomic_into_inner(self);
#endif
}
