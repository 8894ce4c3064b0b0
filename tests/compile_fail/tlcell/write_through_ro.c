/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    *im_tlcell_ro(owner, cell) = 1;
#else
    *im_tlcell_rw(owner, cell) = 1;
#endif
}
