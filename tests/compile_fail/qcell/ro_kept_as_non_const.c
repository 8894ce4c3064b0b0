/* SPDX-License-Identifier: MIT */
/* error gcc: discards */
/* error clang: discards qualifiers */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    int *p = im_qcell_ro(owner, cell);
    *p = 1;
#else
    const int *p = im_qcell_ro(owner, cell);
    (void)*p;
#endif
}
