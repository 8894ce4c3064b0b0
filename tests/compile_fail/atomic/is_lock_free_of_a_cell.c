/* SPDX-License-Identifier: MIT */
/* error: atomic: is_lock_free needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) counter;
typedef im_cell(int) plain_counter;

void use(const counter *self, const plain_counter *other)
{
#ifdef BROKEN
    (void)im_atomic_is_lock_free(other);
#else
    (void)im_atomic_is_lock_free(self);
#endif
}
