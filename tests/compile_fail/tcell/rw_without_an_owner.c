/* SPDX-License-Identifier: MIT */
/* error: token: rw needs an im_tcell_owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_tcell_rw(cell, cell);
#else
    (void)im_tcell_rw(owner, cell);
#endif
}
