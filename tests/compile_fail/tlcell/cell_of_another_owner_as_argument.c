/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);
typedef im_tlcell_owner(misses) misses_owner;
typedef im_tlcell(misses, int) other_counter;

static void count(hits_owner *owner, const counter *cell)
{
    *im_tlcell_rw(owner, cell) += 1;
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
