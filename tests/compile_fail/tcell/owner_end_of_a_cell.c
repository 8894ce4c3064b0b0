/* SPDX-License-Identifier: MIT */
/* error: token: owner_end needs an im_tcell_owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, counter *cell)
{
#ifdef BROKEN
    im_tcell_owner_end(hits, cell);
#else
    im_tcell_owner_end(hits, owner);
#endif
}
