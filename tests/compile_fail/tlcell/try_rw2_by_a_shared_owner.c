/* SPDX-License-Identifier: MIT */
/* error: token: try_rw2 needs an exclusive (non-const) owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#else
void use(hits_owner *owner, const counter *cell, const counter *b, int *p, int *q)
#endif
{
    (void)im_tlcell_try_rw2(owner, cell, b, &p, &q);
}
