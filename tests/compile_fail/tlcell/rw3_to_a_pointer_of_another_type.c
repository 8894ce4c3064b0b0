/* SPDX-License-Identifier: MIT */
/* error: token: rw3 writes a pointer to the value to a T ** */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, long *wrong, const counter *b, const counter *d, int *p, int *q,
         int *r)
{
#ifdef BROKEN
    im_tlcell_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    im_tlcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
