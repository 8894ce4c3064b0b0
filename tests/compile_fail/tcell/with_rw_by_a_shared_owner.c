/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an exclusive (non-const) owner */
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
    im_tcell_with_rw(p, owner, cell)
        (void)p;
}
