/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_rw_n' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, int **values)
{
#ifdef BROKEN
    im_owner_hold_shared(owner);
    im_qcell_rw_n(owner, 1, &cell, values);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_qcell_rw_n(owner, 1, &cell, values);
    im_owner_release(owner);
#endif
}
