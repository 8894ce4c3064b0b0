/* SPDX-License-Identifier: MIT */
/* error: refcell: try_swap needs two im_refcells of one type */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)im_refcell_try_swap(self, other);
#else
    (void)im_refcell_try_swap(self, self);
#endif
}
