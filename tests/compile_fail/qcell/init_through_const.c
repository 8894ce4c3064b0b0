/* SPDX-License-Identifier: MIT */
/* error: token: init needs an exclusive (non-const) pointer */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_qcell_init(shared, im_qcell_owner_id(owner), 1);
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}
