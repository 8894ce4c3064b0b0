/* SPDX-License-Identifier: MIT */
/* error: atomic: as_ptr needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(const counter *self, const plain_counter *other)
{
#ifdef BROKEN
    (void)im_atomic_as_ptr(other);
#else
    (void)im_atomic_as_ptr(self);
#endif
}
