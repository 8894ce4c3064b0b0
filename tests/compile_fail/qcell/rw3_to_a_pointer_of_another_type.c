/* SPDX-License-Identifier: MIT */
/* error: token: rw3 writes a pointer to the value to a T ** */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r,
         long *wrong)
{
#ifdef BROKEN
    im_qcell_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
