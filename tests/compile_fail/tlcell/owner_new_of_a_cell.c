/* SPDX-License-Identifier: MIT */
/* error: token: owner_new needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, counter *cell)
{
#ifdef BROKEN
    im_tlcell_owner_new(hits, cell);
#else
    im_tlcell_owner_new(hits, owner);
#endif
}
