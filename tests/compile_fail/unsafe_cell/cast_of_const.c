/* SPDX-License-Identifier: MIT */
/* error gcc: cast discards 'const' qualifier */
/* error clang: drops const qualifier */
#include <intermut/unsafe_cell.h>

typedef im_unsafe_cell(int) number;

void use(const number *self)
{
#ifdef BROKEN
    int *inside = (int *)&self->im_value;
    *inside = 1;
#else
    int *inside = im_unsafe_cell_get(self);
    *inside = 1;
#endif
}
