/* SPDX-License-Identifier: MIT */
/* error: token: owner_new_pinned needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_qcell_owner_new_pinned(cell);
#else
    im_qcell_owner_new_pinned(owner);
#endif
}
