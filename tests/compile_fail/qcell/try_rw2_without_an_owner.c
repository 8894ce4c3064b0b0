/* SPDX-License-Identifier: MIT */
/* error: token: try_rw2 needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    (void)im_qcell_try_rw2(cell, cell, b, &p, &q);
#else
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
#endif
}
