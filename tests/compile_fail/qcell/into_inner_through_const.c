/* SPDX-License-Identifier: MIT */
/* error: token: into_inner needs an exclusive (non-const) pointer */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_qcell_into_inner(shared);
#else
    (void)im_qcell_into_inner(cell);
#endif
}
