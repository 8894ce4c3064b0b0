/* SPDX-License-Identifier: MIT */
/* error: token: rw2 writes a pointer to the value to a T ** */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, long *wrong, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_lcell_rw2(owner, cell, b, &p, &wrong);
#else
    im_lcell_rw2(owner, cell, b, &p, &q);
#endif
}
