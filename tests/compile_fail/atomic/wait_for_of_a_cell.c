/* SPDX-License-Identifier: MIT */
/* error: atomic: wait_for needs an im_atomic */
#include <intermut/atomic_wait.h>
#include <intermut/cell.h>

typedef im_atomic(int) value_cell;
typedef im_cell(int) other_cell;

void use(const value_cell *self, const other_cell *other, int *expected)
{
#ifdef BROKEN
    (void)im_atomic_wait_for(other, 5, 1);
#else
    (void)im_atomic_wait_for(self, 5, 1);
#endif
}
