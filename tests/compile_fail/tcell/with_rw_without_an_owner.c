/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an im_tcell_owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    im_tcell_with_rw(p, cell, cell)
        (void)p;
#else
    im_tcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
