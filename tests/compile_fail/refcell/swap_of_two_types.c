/* SPDX-License-Identifier: MIT */
/* error: refcell: swap needs two im_refcells of one type */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_refcell(unsigned) flags;

void use(const number *self, const flags *other)
{
#ifdef BROKEN
    im_refcell_swap(self, other);
#else
    im_refcell_swap(self, self);
#endif
}
