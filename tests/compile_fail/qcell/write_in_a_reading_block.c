/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_qcell_with_ro(p, owner, cell)
        *p = 1;
#else
    im_qcell_with_rw(p, owner, cell)
        *p = 1;
#endif
}
