/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_rw' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_owner_hold_shared(owner);
    *im_tcell_rw(owner, cell) = 1;
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    *im_tcell_rw(owner, cell) = 1;
    im_owner_release(owner);
#endif
}
