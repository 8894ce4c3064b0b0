/* SPDX-License-Identifier: MIT */
/* error: token: rw3 writes a pointer to the value to a T ** */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, long *wrong, const counter *b, const counter *d, int *p, int *q,
         int *r)
{
#ifdef BROKEN
    im_lcell_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    im_lcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
