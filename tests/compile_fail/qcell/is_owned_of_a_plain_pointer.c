/* SPDX-License-Identifier: MIT */
/* error: token: is_owned needs an im_qcell */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const int *plain)
{
#ifdef BROKEN
    (void)im_qcell_is_owned(owner, plain);
#else
    (void)im_qcell_is_owned(owner, cell);
#endif
}
