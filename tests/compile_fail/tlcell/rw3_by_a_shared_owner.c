/* SPDX-License-Identifier: MIT */
/* error: token: rw3 needs an exclusive (non-const) owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
#else
void use(hits_owner *owner, const counter *cell, const counter *b, const counter *d, int *p, int *q, int *r)
#endif
{
    im_tlcell_rw3(owner, cell, b, d, &p, &q, &r);
}
