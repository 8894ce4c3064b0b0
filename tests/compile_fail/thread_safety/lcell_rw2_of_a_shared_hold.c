/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_rw2' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_owner_hold_shared(owner);
    im_lcell_rw2(owner, cell, b, &p, &q);
    im_owner_release_shared(owner);
#else
    im_owner_hold(owner);
    im_lcell_rw2(owner, cell, b, &p, &q);
    im_owner_release(owner);
#endif
}
