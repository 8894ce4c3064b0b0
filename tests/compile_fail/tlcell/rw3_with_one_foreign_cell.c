/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);
typedef im_tlcell_owner(misses) misses_owner;
typedef im_tlcell(misses, int) other_counter;

void use(hits_owner *owner, const counter *cell, const other_counter *foreign, const counter *b, const counter *d,
         int *p, int *q, int *r)
{
#ifdef BROKEN
    im_tlcell_rw3(owner, cell, b, foreign, &p, &q, &r);
#else
    im_tlcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
