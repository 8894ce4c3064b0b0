/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_tcell_owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(const hits_owner *owner, const counter *cell)
{
#ifdef BROKEN
    (void)im_tcell_ro(cell, cell);
#else
    (void)im_tcell_ro(owner, cell);
#endif
}
