/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
static IM_LCELL_OWNER(misses);
typedef im_lcell_owner(misses) misses_owner;
typedef im_lcell(misses, int) other_counter;

static void count(hits_owner *owner, const counter *cell)
{
    *im_lcell_rw(owner, cell) += 1;
}

void use(hits_owner *owner, const counter *one, const other_counter *foreign)
{
#ifdef BROKEN
    (void)one;
    count(owner, foreign);
#else
    (void)foreign;
    count(owner, one);
#endif
}
