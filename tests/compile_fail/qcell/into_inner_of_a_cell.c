/* SPDX-License-Identifier: MIT */
/* error: token: into_inner needs an im_qcell */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
typedef im_cell(int) int_cell;

void use(struct im_qcell_owner *owner, counter *cell, int_cell *other)
{
#ifdef BROKEN
    (void)im_qcell_into_inner(other);
#else
    (void)im_qcell_into_inner(cell);
#endif
}
