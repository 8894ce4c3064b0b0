/* SPDX-License-Identifier: MIT */
/* error: token: try_rw_n needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

#ifdef BROKEN
void use(const struct im_qcell_owner *owner, const counter *const *cells, int **values)
#else
void use(struct im_qcell_owner *owner, const counter *const *cells, int **values)
#endif
{
    (void)im_qcell_try_rw_n(owner, 2, cells, values);
}
