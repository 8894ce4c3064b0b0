/* SPDX-License-Identifier: MIT */
/* error clang: that is already held */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner)
{
    im_owner_hold(owner);
#ifdef BROKEN
    im_owner_hold(owner);
#else
    (void)0;
#endif
    im_owner_release(owner);
}
