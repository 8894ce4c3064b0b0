/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    long *p = im_lcell_rw(owner, cell);
    *p = 1;
#else
    int *p = im_lcell_rw(owner, cell);
    *p = 1;
#endif
}
