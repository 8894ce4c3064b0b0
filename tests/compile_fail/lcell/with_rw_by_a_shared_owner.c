/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an exclusive (non-const) owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *cell)
#else
void use(hits_owner *owner, const counter *cell)
#endif
{
    im_lcell_with_rw(p, owner, cell)
        (void)p;
}
