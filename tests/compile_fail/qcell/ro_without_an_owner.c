/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_qcell_ro(cell, cell);
#else
    (void)im_qcell_ro(owner, cell);
#endif
}
