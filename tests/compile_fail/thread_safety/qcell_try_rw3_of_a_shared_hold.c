/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_try_rw3' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
{
#ifdef BROKEN
    im_owner_hold_shared(owner);
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    (void)im_qcell_try_rw3(owner, cell, b, d, &p, &q, &r);
    im_owner_release(owner);
#endif
}
