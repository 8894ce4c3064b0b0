/* SPDX-License-Identifier: MIT */
/* error: cell: get needs an im_cell */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)im_cell_get(self);
#else
    (void)im_cell_get(other);
#endif
}
