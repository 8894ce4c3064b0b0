/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_tlcell_owner */
#include <intermut/tlcell.h>
#include <intermut/qcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const struct im_qcell_owner *general)
{
#ifdef BROKEN
    (void)im_tlcell_ro(general, cell);
#else
    (void)im_tlcell_ro(owner, cell);
#endif
}
