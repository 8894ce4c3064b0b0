/* SPDX-License-Identifier: MIT */
/* error: token: owner_new_pinned needs an exclusive (non-const) owner */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const struct im_qcell_owner *shared_owner)
{
#ifdef BROKEN
    im_qcell_owner_new_pinned(shared_owner);
#else
    im_qcell_owner_new_pinned(owner);
#endif
}
