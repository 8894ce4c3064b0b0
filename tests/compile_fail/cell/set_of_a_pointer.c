/* SPDX-License-Identifier: MIT */
/* error gcc: makes integer from pointer without a cast */
/* error clang: incompatible pointer to integer conversion */
#include <intermut/cell.h>

typedef im_cell(int) counter;

void use(const counter *self, int *value)
{
#ifdef BROKEN
    im_cell_set(self, value);
#else
    im_cell_set(self, *value);
#endif
}
