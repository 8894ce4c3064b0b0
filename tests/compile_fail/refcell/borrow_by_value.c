/* SPDX-License-Identifier: MIT */
/* error: refcell: borrow needs an im_refcell: pass its address, with a & */
/* up to 11 errors: what is no pointer has none of the members that are looked for */
#include <intermut/refcell.h>

typedef im_refcell(int) number;

const int *use(number *self)
{
#ifdef BROKEN
    return im_refcell_borrow(*self);
#else
    return im_refcell_borrow(self);
#endif
}
