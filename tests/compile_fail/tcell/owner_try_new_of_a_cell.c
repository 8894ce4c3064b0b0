/* SPDX-License-Identifier: MIT */
/* error: token: owner_try_new needs an im_tcell_owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

int use(hits_owner *owner, counter *cell)
{
#ifdef BROKEN
    return im_tcell_owner_try_new(hits, cell);
#else
    return im_tcell_owner_try_new(hits, owner);
#endif
}
