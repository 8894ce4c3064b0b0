/* SPDX-License-Identifier: MIT */
/* error: cell: get needs an im_cell */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;

void use(struct im_qcell_owner *owner, counter *cell, const counter *shared)
{
#ifdef BROKEN
    (void)im_cell_get(shared);
#else
    (void)im_qcell_ro(owner, shared);
#endif
}
