/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
static IM_LCELL_OWNER(misses);
typedef im_lcell_owner(misses) misses_owner;

void use(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b, const counter *d, int *p,
         int *q, int *r)
{
#ifdef BROKEN
    (void)im_lcell_try_rw3(other, cell, b, d, &p, &q, &r);
#else
    (void)im_lcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
