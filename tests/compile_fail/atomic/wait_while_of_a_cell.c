/* SPDX-License-Identifier: MIT */
/* error: atomic: wait_while needs an im_atomic */
#include <intermut/atomic_wait.h>
#include <intermut/cell.h>

typedef im_atomic(int) value_cell;
typedef im_cell(int) other_cell;

void use(const value_cell *self, const other_cell *other, int *expected)
{
#ifdef BROKEN
    (void)im_atomic_wait_while(other, n, n == 1);
#else
    (void)im_atomic_wait_while(self, n, n == 1);
#endif
}
