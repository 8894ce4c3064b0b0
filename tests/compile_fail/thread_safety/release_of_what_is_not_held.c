/* SPDX-License-Identifier: MIT */
/* error clang: that was not held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner)
{
#ifdef BROKEN
    im_owner_release(owner);
#else
    im_owner_hold(owner);
    im_owner_release(owner);
#endif
}
