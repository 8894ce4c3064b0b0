/* SPDX-License-Identifier: MIT */
/* error: token: owner_new needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

int use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    return im_qcell_owner_new(cell);
#else
    return im_qcell_owner_new(owner);
#endif
}
