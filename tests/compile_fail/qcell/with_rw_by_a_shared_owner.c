/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

#ifdef BROKEN
void use(const struct im_qcell_owner *owner, const counter *cell)
#else
void use(struct im_qcell_owner *owner, const counter *cell)
#endif
{
    im_qcell_with_rw(p, owner, cell)
        (void)p;
}
