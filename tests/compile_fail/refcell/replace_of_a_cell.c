/* SPDX-License-Identifier: MIT */
/* error: refcell: replace needs an im_refcell */
#include <intermut/refcell.h>

typedef im_refcell(int) number;
typedef im_cell(int) plain;

void use(const number *self, const plain *other)
{
#ifdef BROKEN
    (void)im_refcell_replace(other, 1);
#else
    (void)im_refcell_replace(self, 1);
#endif
}
