/* SPDX-License-Identifier: MIT */
/* error: token: rw needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_qcell_rw(cell, cell);
#else
    (void)im_qcell_rw(owner, cell);
#endif
}
