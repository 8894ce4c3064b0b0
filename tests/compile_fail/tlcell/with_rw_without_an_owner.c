/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_tlcell_with_rw(p, cell, cell)
        (void)p;
#else
    im_tlcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
