/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to another owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
static IM_LCELL_OWNER(misses);
typedef im_lcell_owner(misses) misses_owner;

void use(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN
    im_lcell_try_with_ro(p, other, cell)
        (void)p;
#else
    im_lcell_try_with_ro(p, owner, cell)
        (void)p;
#endif
}
