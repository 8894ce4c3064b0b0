/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    long *p = im_qcell_rw(owner, cell);
    *p = 1;
#else
    int *p = im_qcell_rw(owner, cell);
    *p = 1;
#endif
}
