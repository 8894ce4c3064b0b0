/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member */
/* error clang: cannot assign to */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    shared->im_value = 1;
#else
    *im_lcell_rw(owner, shared) = 1;
#endif
}
