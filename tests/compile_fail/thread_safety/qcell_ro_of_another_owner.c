/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, struct im_qcell_owner *other, const counter *cell)
{
    im_owner_hold(owner);
#ifdef BROKEN
    (void)im_qcell_ro(other, cell);
#else
    (void)im_qcell_ro(owner, cell);
#endif
    im_owner_release(owner);
    (void)other;
}
