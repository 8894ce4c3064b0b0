/* SPDX-License-Identifier: MIT */
/* error clang: is not held on every path through here */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell)
{
    im_owner_hold(owner);
    if (*im_qcell_ro(owner, cell))
#ifdef BROKEN
        im_owner_release(owner);
#else
        *im_qcell_rw(owner, cell) = 0;
    im_owner_release(owner);
#endif
}
