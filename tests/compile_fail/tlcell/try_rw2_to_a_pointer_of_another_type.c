/* SPDX-License-Identifier: MIT */
/* error: token: try_rw2 writes a pointer to the value to a T ** */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const counter *cell, long *wrong, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    (void)im_tlcell_try_rw2(owner, cell, b, &p, &wrong);
#else
    (void)im_tlcell_try_rw2(owner, cell, b, &p, &q);
#endif
}
