/* SPDX-License-Identifier: MIT */
/* error clang: ignoring return value of function */
/* not seen by gcc: the check before the call hides it */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_qcell_owner_new(owner);
#else
    if (im_qcell_owner_new(owner))
        return;
#endif
}
