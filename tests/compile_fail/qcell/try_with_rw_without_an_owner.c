/* SPDX-License-Identifier: MIT */
/* error: token: try_with_rw needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_qcell_try_with_rw(p, cell, cell)
        (void)p;
#else
    im_qcell_try_with_rw(p, owner, cell)
        (void)p;
#endif
}
