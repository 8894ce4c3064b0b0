/* SPDX-License-Identifier: MIT */
/* error: token: rw2 needs an exclusive (non-const) owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#else
void use(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    im_lcell_rw2(owner, cell, b, &p, &q);
}
