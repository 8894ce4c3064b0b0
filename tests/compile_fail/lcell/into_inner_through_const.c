/* SPDX-License-Identifier: MIT */
/* error: token: into_inner needs an exclusive (non-const) pointer */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_lcell_into_inner(shared);
#else
    (void)im_lcell_into_inner(cell);
#endif
}
