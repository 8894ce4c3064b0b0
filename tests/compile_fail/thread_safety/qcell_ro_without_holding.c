/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_qcell_ro(owner, cell);
#else
    im_owner_hold_shared(owner);
    (void)im_qcell_ro(owner, cell);
    im_owner_release_shared(owner);
#endif
}
