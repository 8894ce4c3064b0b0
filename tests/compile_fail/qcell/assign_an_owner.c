/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, struct im_qcell_owner *other)
{
#ifdef BROKEN
    *owner = *other;
#else
    im_qcell_owner_end(other);
    im_qcell_owner_new_pinned(owner);
#endif
}
