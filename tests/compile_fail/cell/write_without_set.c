/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member 'im_value' in read-only object */
/* error clang: cannot assign to variable 'self' with const-qualified type */
#include <intermut/cell.h>

typedef im_cell(int) counter;

void use(const counter *self)
{
#ifdef BROKEN
    self->im_value = 1;
#else
    im_cell_set(self, 1);
#endif
}
