/* SPDX-License-Identifier: MIT */
/* error: token: get_mut needs an exclusive (non-const) pointer */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_qcell_get_mut(shared);
#else
    (void)im_qcell_get_mut(cell);
#endif
}
