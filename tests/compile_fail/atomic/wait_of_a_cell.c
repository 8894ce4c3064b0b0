/* SPDX-License-Identifier: MIT */
/* error: atomic: wait needs an im_atomic */
#include <intermut/atomic_wait.h>
#include <intermut/cell.h>

typedef im_atomic(int) value_cell;
typedef im_cell(int) other_cell;

void use(const value_cell *self, const other_cell *other, int *expected)
{
#ifdef BROKEN
    (void)im_atomic_wait(other, 1);
#else
    (void)im_atomic_wait(self, 1);
#endif
}
