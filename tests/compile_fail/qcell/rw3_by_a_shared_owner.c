/* SPDX-License-Identifier: MIT */
/* error: token: rw3 needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

#ifdef BROKEN
void use(const struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q,
         int *r)
#else
void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
#endif
{
    im_qcell_rw3(owner, cell, b, d, &p, &q, &r);
}
