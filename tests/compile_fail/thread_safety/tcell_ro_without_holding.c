/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(const hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_tcell_ro(owner, cell);
#else
    im_owner_hold_shared(owner);
    (void)im_tcell_ro(owner, cell);
    im_owner_release_shared(owner);
#endif
}
