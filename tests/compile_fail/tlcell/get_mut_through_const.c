/* SPDX-License-Identifier: MIT */
/* error: token: get_mut needs an exclusive (non-const) pointer */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_tlcell_get_mut(shared);
#else
    (void)im_tlcell_get_mut(cell);
#endif
}
