/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    *im_tcell_ro(owner, cell) = 1;
#else
    *im_tcell_rw(owner, cell) = 1;
#endif
}
