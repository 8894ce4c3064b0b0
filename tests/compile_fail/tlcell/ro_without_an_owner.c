/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(const hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_tlcell_ro(cell, cell);
#else
    (void)im_tlcell_ro(owner, cell);
#endif
}
