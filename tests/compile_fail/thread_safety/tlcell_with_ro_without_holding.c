/* SPDX-License-Identifier: MIT */
/* error clang: calling function 'im_raw_owner_open_ro' requires holding */
/* not seen by gcc: it has no such analysis */
/* options clang: -Wthread-safety */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(const hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_tlcell_with_ro(value, owner, cell)
        (void)value;
#else
    im_owner_hold_shared(owner);
    im_tlcell_with_ro(value, owner, cell)
        (void)value;
    im_owner_release_shared(owner);
#endif
}
