/* SPDX-License-Identifier: MIT */
/* error: atomic: compare_exchange_by needs an im_atomic */
#include <intermut/atomic.h>
#include <intermut/cell.h>

typedef im_atomic(int) value_cell;
typedef im_cell(int) other_cell;

static inline bool are_equal(const int *one, const int *other)
{
    return *one == *other;
}

void use(const value_cell *self, const other_cell *other, int *expected)
{
#ifdef BROKEN
    (void)im_atomic_compare_exchange_by(other, are_equal, expected, 1);
#else
    (void)im_atomic_compare_exchange_by(self, are_equal, expected, 1);
#endif
}
