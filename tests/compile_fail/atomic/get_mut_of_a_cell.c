/* SPDX-License-Identifier: MIT */
/* error: atomic: get_mut needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(counter *self, plain_counter *other)
{
#ifdef BROKEN
    *im_atomic_get_mut(other) = 1;
#else
    *im_atomic_get_mut(self) = 1;
#endif
}
