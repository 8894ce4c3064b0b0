/* SPDX-License-Identifier: MIT */
/* error: token: rw needs an im_qcell_owner: pass its address, with a & */
/* up to 8 errors: what is no pointer has none of the members that are looked for */
#include <intermut/qcell.h>

typedef im_qcell(int) number;

int *use(struct im_qcell_owner *owner, const number *self)
{
#ifdef BROKEN
    return im_qcell_rw(*owner, self);
#else
    return im_qcell_rw(owner, self);
#endif
}
