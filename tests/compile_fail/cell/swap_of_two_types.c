/* SPDX-License-Identifier: MIT */
/* error: cell: swap needs two cells of one type */
#include <intermut/cell.h>

typedef im_cell(int) counter;
typedef im_cell(unsigned) flags;

#ifdef BROKEN
void use(const counter *self, const flags *other)
#else
void use(const counter *self, const counter *other)
#endif
{
    im_cell_swap(self, other);
}
