/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member */
/* error clang: cannot assign to */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    shared->im_value = 1;
#else
    *im_tcell_rw(owner, shared) = 1;
#endif
}
