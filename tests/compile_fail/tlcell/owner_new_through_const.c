/* SPDX-License-Identifier: MIT */
/* error: token: owner_new needs an exclusive (non-const) owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN
    im_tlcell_owner_new(hits, shared);
#else
    im_tlcell_owner_new(hits, owner);
#endif
}
