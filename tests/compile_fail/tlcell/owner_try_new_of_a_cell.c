/* SPDX-License-Identifier: MIT */
/* error: token: owner_try_new needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

int use(hits_owner *owner, counter *cell)
{
#ifdef BROKEN
    return im_tlcell_owner_try_new(hits, cell);
#else
    return im_tlcell_owner_try_new(hits, owner);
#endif
}
