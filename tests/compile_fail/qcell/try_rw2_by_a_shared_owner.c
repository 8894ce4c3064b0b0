/* SPDX-License-Identifier: MIT */
/* error: token: try_rw2 needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

#ifdef BROKEN
void use(const struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#else
void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    (void)im_qcell_try_rw2(owner, cell, b, &p, &q);
}
