/* SPDX-License-Identifier: MIT */
/* error: refcell: borrow needs an im_refcell */
#include <intermut/qcell.h>
#include <intermut/refcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_refcell_borrow(shared);
#else
    (void)im_qcell_ro(owner, shared);
#endif
}
