/* SPDX-License-Identifier: MIT */
/* error: token: with_ro needs an im_qcell_owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_qcell_with_ro(p, cell, cell)
        (void)p;
#else
    im_qcell_with_ro(p, owner, cell)
        (void)p;
#endif
}
