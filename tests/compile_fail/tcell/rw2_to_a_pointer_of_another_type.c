/* SPDX-License-Identifier: MIT */
/* error: token: rw2 writes a pointer to the value to a T ** */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, long *wrong, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_tcell_rw2(owner, cell, b, &p, &wrong);
#else
    im_tcell_rw2(owner, cell, b, &p, &q);
#endif
}
