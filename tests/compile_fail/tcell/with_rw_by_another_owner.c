/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
IM_TCELL_MARKER(misses);
typedef im_tcell_owner(misses) misses_owner;

void use(hits_owner *owner, misses_owner *other, const counter *cell)
{
#ifdef BROKEN
    im_tcell_with_rw(p, other, cell)
        (void)p;
#else
    im_tcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
