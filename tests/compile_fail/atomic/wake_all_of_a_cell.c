/* SPDX-License-Identifier: MIT */
/* error: atomic: wake_all needs an im_atomic */
#include <intermut/atomic_wait.h>
#include <intermut/cell.h>

typedef im_atomic(int) value_cell;
typedef im_cell(int) other_cell;

void use(const value_cell *self, const other_cell *other, int *expected)
{
#ifdef BROKEN
    im_atomic_wake_all(other);
#else
    im_atomic_wake_all(self);
#endif
}
