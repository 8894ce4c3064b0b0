/* SPDX-License-Identifier: MIT */
/* error: token: rw3 writes a pointer to the value to a T ** */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, long *wrong, const counter *b, const counter *d, int *p, int *q,
         int *r)
{
#ifdef BROKEN
    im_tcell_rw3(owner, cell, b, d, &p, &wrong, &r);
#else
    im_tcell_rw3(owner, cell, b, d, &p, &q, &r);
#endif
}
