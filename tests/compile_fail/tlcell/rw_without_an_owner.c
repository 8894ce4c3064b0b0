/* SPDX-License-Identifier: MIT */
/* error: token: rw needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_tlcell_rw(cell, cell);
#else
    (void)im_tlcell_rw(owner, cell);
#endif
}
