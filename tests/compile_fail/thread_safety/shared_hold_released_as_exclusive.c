/* SPDX-License-Identifier: MIT */
/* error clang: using exclusive access, expected shared */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell)
{
    im_owner_hold_shared(owner);
    (void)im_qcell_ro(owner, cell);
#ifdef BROKEN
    im_owner_release(owner);
#else
    im_owner_release_shared(owner);
#endif
}
