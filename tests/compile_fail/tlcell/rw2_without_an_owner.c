/* SPDX-License-Identifier: MIT */
/* error: token: rw2 needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_tlcell_rw2(cell, cell, b, &p, &q);
#else
    im_tlcell_rw2(owner, cell, b, &p, &q);
#endif
}
