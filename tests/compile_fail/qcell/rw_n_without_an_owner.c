/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN
    im_qcell_rw_n(cells[0], 2, cells, values);
#else
    im_qcell_rw_n(owner, 2, cells, values);
#endif
}
