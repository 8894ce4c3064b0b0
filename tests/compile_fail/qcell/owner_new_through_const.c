/* SPDX-License-Identifier: MIT */
/* error: token: owner_new needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

int use(struct im_qcell_owner *owner, const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN
    return im_qcell_owner_new(shared_owner);
#else
    return im_qcell_owner_new(owner);
#endif
}
