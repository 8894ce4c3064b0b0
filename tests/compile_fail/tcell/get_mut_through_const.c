/* SPDX-License-Identifier: MIT */
/* error: token: get_mut needs an exclusive (non-const) pointer */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_tcell_get_mut(shared);
#else
    (void)im_tcell_get_mut(cell);
#endif
}
