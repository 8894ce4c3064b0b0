/* SPDX-License-Identifier: MIT */
/* error: token: init needs an im_qcell */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
typedef im_cell(int) int_cell;

void use(struct im_qcell_owner *owner, counter *cell, int_cell *other)
{
#ifdef BROKEN
    im_qcell_init(other, im_qcell_owner_id(owner), 1);
#else
    im_qcell_init(cell, im_qcell_owner_id(owner), 1);
#endif
}
