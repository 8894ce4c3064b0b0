/* SPDX-License-Identifier: MIT */
/* error: token: rw3 needs an exclusive (non-const) owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
#else
void use(hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
#endif
{
    im_lcell_rw3(owner, cell, b, d, &p, &q, &r);
}
