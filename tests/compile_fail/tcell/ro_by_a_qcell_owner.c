/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_tcell_owner */
#include <intermut/tcell.h>
#include <intermut/qcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, counter *cell, const struct im_qcell_owner *general)
{
#ifdef BROKEN
    (void)im_tcell_ro(general, cell);
#else
    (void)im_tcell_ro(owner, cell);
#endif
}
