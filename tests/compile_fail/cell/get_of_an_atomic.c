/* SPDX-License-Identifier: MIT */
/* error: cell: get needs an im_cell */
#include <intermut/cell.h>
#include <intermut/atomic.h>

typedef im_cell(int) counter;
typedef im_atomic(int) shared_counter;

void use(const counter *self, const shared_counter *shared)
{
#ifdef BROKEN
    (void)im_cell_get(shared);
#else
    (void)im_cell_get(self);
#endif
}
