/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an owner declared by IM_LCELL_OWNER */
#include <intermut/lcell.h>
#include <intermut/qcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const struct im_qcell_owner *general)
{
#ifdef BROKEN
    (void)im_lcell_ro(general, cell);
#else
    (void)im_lcell_ro(owner, cell);
#endif
}
