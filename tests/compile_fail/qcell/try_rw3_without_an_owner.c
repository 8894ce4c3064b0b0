/* SPDX-License-Identifier: MIT */
/* error: token: try_rw3 needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN
    (void)im_qcell_try_rw3(cell, cell, b, d, &p, &q, &r);
#else
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
