/* SPDX-License-Identifier: MIT */
/* error: token: this owner has another marker */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);

void use(hits_owner *owner)
{
#ifdef BROKEN
    im_tlcell_owner_end(misses, owner);
#else
    im_tlcell_owner_end(hits, owner);
#endif
}
