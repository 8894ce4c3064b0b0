/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_rw2' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_owner_hold_shared(owner);
    im_tcell_rw2(owner, cell, b, &p, &q);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_tcell_rw2(owner, cell, b, &p, &q);
    im_owner_release(owner);
#endif
}
