/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_qcell */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const int *plain)
{
#ifdef BROKEN
    (void)im_qcell_ro(owner, plain);
#else
    (void)im_qcell_ro(owner, cell);
#endif
}
