/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible types when assigning */
/* error clang: assigning to */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_qcell_init(cell, 7, 1);
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}
