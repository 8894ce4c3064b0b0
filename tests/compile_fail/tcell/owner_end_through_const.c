/* SPDX-License-Identifier: MIT */
/* error: token: owner_end needs an exclusive (non-const) owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN
    im_tcell_owner_end(hits, shared);
#else
    im_tcell_owner_end(hits, owner);
#endif
}
