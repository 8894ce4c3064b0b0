/* SPDX-License-Identifier: MIT */
/* error gcc: discards 'const' qualifier */
/* error clang: discards qualifiers */
#include <intermut/unsafe_cell.h>

typedef im_unsafe_cell(int) number;

void use(const number *self)
{
#ifdef BROKEN
    int *inside = &self->im_value;
    *inside = 1;
#else
    int *inside = im_unsafe_cell_get(self);
    *inside = 1;
#endif
}
