/* SPDX-License-Identifier: MIT */
/* error: token: owner_wait_for_new needs an exclusive (non-const) owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const hits_owner *shared)
{
#ifdef BROKEN
    im_tcell_owner_wait_for_new(hits, shared);
#else
    im_tcell_owner_wait_for_new(hits, owner);
#endif
}
