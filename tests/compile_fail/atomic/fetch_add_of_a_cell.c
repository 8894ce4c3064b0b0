/* SPDX-License-Identifier: MIT */
/* error: atomic: fetch_add needs an */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(const counter *self, const plain_counter *other)
{
#ifdef BROKEN
    (void)im_atomic_fetch_add(other, 1);
#else
    (void)im_atomic_fetch_add(self, 1);
#endif
}
