/* SPDX-License-Identifier: MIT */
/* error: token: into_inner needs an exclusive (non-const) pointer */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_tlcell_into_inner(shared);
#else
    (void)im_tlcell_into_inner(cell);
#endif
}
