/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    *cell = *shared;
#else
    *im_tcell_rw(owner, cell) = *im_tcell_ro(owner, shared);
#endif
}
