/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_try_open_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(const struct im_qcell_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_qcell_try_with_ro(value, owner, cell)
        (void)value;
#else
    im_owner_hold_shared(owner);
    im_qcell_try_with_ro(value, owner, cell)
        (void)value;
    im_owner_release_shared(owner);
#endif
}
