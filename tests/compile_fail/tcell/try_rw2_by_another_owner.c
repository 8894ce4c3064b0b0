/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
IM_TCELL_MARKER(misses);
typedef im_tcell_owner(misses) misses_owner;

void use(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    (void)im_tcell_try_rw2(other, cell, b, &p, &q);
#else
    (void)im_tcell_try_rw2(owner, cell, b, &p, &q);
#endif
}
