/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/cell.h>

typedef im_cell(int) counter;

void use(counter *self, counter *other)
{
#ifdef BROKEN
    *self = *other;
#else
    im_cell_set(self, im_cell_get(other));
#endif
}
