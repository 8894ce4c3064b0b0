/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
static IM_LCELL_OWNER(misses);
typedef im_lcell_owner(misses) misses_owner;

static void count(hits_owner *owner, const counter *cell)
{
    *im_lcell_rw(owner, cell) += 1;
}

void use(hits_owner *owner, misses_owner *other, const counter *one)
{
#ifdef BROKEN
    (void)owner;
    count(other, one);
#else
    (void)other;
    count(owner, one);
#endif
}
