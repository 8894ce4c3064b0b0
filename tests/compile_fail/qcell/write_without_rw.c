/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member */
/* error clang: cannot assign to */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    shared->im_value = 1;
#else
    *im_qcell_rw(owner, shared) = 1;
#endif
}
