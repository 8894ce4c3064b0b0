/* SPDX-License-Identifier: MIT */
/* error: token: this owner has another marker */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);

int use(hits_owner *owner)
{
#ifdef BROKEN
    return im_tlcell_owner_try_new(misses, owner);
#else
    return im_tlcell_owner_try_new(hits, owner);
#endif
}
