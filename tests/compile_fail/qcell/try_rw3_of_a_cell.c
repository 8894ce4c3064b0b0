/* SPDX-License-Identifier: MIT */
/* error: token: try_rw3 needs an im_qcell */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
typedef im_cell(int) int_cell;

void use(struct im_qcell_owner *owner, const counter *cell, const int_cell *plain, const counter *b, const counter *d,
         int *p, int *q, int *r)
{
#ifdef BROKEN
    (void)im_qcell_try_rw3(owner, plain, b, d, &p, &q, &r);
#else
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
