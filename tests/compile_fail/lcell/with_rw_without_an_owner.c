/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an owner declared by IM_LCELL_OWNER */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_lcell_with_rw(p, cell, cell)
        (void)p;
#else
    im_lcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
