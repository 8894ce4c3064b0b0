/* SPDX-License-Identifier: MIT */
/* error: token: rw2 writes a pointer to the value to a T ** */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q, long *wrong)
{
#ifdef BROKEN
    im_qcell_rw2(owner, cell, b, &p, &wrong);
#else
    im_qcell_rw2(owner, cell, b, &p, &q);
#endif
}
