/* SPDX-License-Identifier: MIT */
/* error: atomic: compare_exchange needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(const counter *self, const plain_counter *other)
{
#ifdef BROKEN
    int seen = 0;
    (void)im_atomic_compare_exchange(other, &seen, 1);
#else
    int seen = 0;
    (void)im_atomic_compare_exchange(self, &seen, 1);
#endif
}
