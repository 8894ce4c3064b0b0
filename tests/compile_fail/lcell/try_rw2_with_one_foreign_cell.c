/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
static IM_LCELL_OWNER(misses);
typedef im_lcell_owner(misses) misses_owner;
typedef im_lcell(misses, int) other_counter;

void use(hits_owner *owner, const counter *cell, const other_counter *foreign, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    (void)im_lcell_try_rw2(owner, cell, foreign, &p, &q);
#else
    (void)im_lcell_try_rw2(owner, cell, b, &p, &q);
#endif
}
