/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);
typedef im_tlcell_owner(misses) misses_owner;

void use(hits_owner *owner, misses_owner *other, const counter *cell, const counter *b, const counter *d, int *p,
         int *q, int *r)
{
#ifdef BROKEN
    (void)im_tlcell_try_rw3(other, cell, b, d, &p, &q, &r);
#else
    (void)im_tlcell_try_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
