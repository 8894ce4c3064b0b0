/* SPDX-License-Identifier: MIT */
/* error: refcell: borrow needs an im_refcell */
/* up to 7 errors: what is no struct has none of the members that are looked for */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

void use(const number *self, const int *other)
{
#ifdef BROKEN
    (void)im_refcell_borrow(other);
#else
    (void)im_refcell_borrow(self);
#endif
}
