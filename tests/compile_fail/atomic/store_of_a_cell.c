/* SPDX-License-Identifier: MIT */
/* error: atomic: store needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(const counter *self, const plain_counter *other)
{
#ifdef BROKEN
    im_atomic_store(other, 1);
#else
    im_atomic_store(self, 1);
#endif
}
