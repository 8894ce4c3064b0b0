/* SPDX-License-Identifier: MIT */
/* error: token: try_rw needs an exclusive (non-const) owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *cell)
#else
void use(hits_owner *owner, const counter *cell)
#endif
{
    (void)im_tcell_try_rw(owner, cell);
}
