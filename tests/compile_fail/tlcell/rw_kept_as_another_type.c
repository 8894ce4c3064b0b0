/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible pointer type */
/* error clang: incompatible pointer types */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    long *p = im_tlcell_rw(owner, cell);
    *p = 1;
#else
    int *p = im_tlcell_rw(owner, cell);
    *p = 1;
#endif
}
