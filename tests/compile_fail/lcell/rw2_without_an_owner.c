/* SPDX-License-Identifier: MIT */
/* error: token: rw2 needs an owner declared by IM_LCELL_OWNER */
/* up to 7 errors: both cells are compared with what is no owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_lcell_rw2(cell, cell, b, &p, &q);
#else
    im_lcell_rw2(owner, cell, b, &p, &q);
#endif
}
