/* SPDX-License-Identifier: MIT */
/* error: token: rw needs an owner declared by IM_LCELL_OWNER */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_lcell_rw(cell, cell);
#else
    (void)im_lcell_rw(owner, cell);
#endif
}
