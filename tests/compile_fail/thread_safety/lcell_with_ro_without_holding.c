/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_open_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(const hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_lcell_with_ro(value, owner, cell)
        (void)value;
#else
    im_owner_hold_shared(owner);
    im_lcell_with_ro(value, owner, cell)
        (void)value;
    im_owner_release_shared(owner);
#endif
}
