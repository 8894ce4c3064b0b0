/* SPDX-License-Identifier: MIT */
/* error: token: this owner has another marker */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
IM_TCELL_MARKER(misses);

void use(hits_owner *owner)
{
#ifdef BROKEN
    im_tcell_owner_wait_for_new(misses, owner);
#else
    im_tcell_owner_wait_for_new(hits, owner);
#endif
}
