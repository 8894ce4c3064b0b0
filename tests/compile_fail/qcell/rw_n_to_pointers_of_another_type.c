/* SPDX-License-Identifier: MIT */
/* error: token: rw_n writes a pointer to the value to a T ** */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *const *cells, int **values, long **wrong)
{
#ifdef BROKEN
    im_qcell_rw_n(owner, 2, cells, wrong);
#else
    im_qcell_rw_n(owner, 2, cells, values);
#endif
}
