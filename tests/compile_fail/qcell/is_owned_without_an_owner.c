/* SPDX-License-Identifier: MIT */
/* error: token: is_owned needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_qcell_is_owned(shared, cell);
#else
    (void)im_qcell_is_owned(owner, cell);
#endif
}
