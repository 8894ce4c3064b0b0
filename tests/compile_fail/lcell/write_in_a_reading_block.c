/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    im_lcell_with_ro(p, owner, cell)
        *p = 1;
#else
    im_lcell_with_rw(p, owner, cell)
        *p = 1;
#endif
}
