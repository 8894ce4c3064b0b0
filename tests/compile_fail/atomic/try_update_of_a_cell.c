/* SPDX-License-Identifier: MIT */
/* error: atomic: try_update needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(const counter *self, const plain_counter *other)
{
#ifdef BROKEN
    (void)im_atomic_try_update(other, n, n > 0, n - 1);
#else
    (void)im_atomic_try_update(self, n, n > 0, n - 1);
#endif
}
