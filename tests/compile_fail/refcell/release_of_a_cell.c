/* SPDX-License-Identifier: MIT */
/* error: refcell: release needs an im_refcell */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    im_refcell_release(other);
#else
    im_refcell_release(self);
#endif
}
