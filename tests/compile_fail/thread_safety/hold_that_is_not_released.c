/* SPDX-License-Identifier: MIT */
/* error clang: is still held at the end of function */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner)
{
    im_owner_hold(owner);
#ifdef BROKEN
    (void)0;
#else
    im_owner_release(owner);
#endif
}
