/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#include <intermut/unsafe_cell.h>

typedef im_unsafe_cell(int) number;

void use(number *self, number *other)
{
#ifdef BROKEN
    *self = *other;
#else
    *im_unsafe_cell_get_mut(self) = *im_unsafe_cell_get(other);
#endif
}
