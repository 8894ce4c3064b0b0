/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

#ifdef BROKEN
void use(const struct im_qcell_owner *owner, const counter *const *cells, int **values)
#else
void use(struct im_qcell_owner *owner, const counter *const *cells, int **values)
#endif
{
    im_qcell_rw_n(owner, 2, cells, values);
}
