/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member */
/* error clang: cannot assign to */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    shared->im_value = 1;
#else
    *im_tlcell_rw(owner, shared) = 1;
#endif
}
