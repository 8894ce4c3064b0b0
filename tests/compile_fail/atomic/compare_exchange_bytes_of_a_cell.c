/* SPDX-License-Identifier: MIT */
/* error: atomic: compare_exchange_bytes needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) value_cell;
typedef im_cell(int) other_cell;

void use(const value_cell *self, const other_cell *other, int *expected)
{
#ifdef BROKEN
    (void)im_atomic_compare_exchange_bytes(other, expected, 1);
#else
    (void)im_atomic_compare_exchange_bytes(self, expected, 1);
#endif
}
