/* SPDX-License-Identifier: MIT */
/* error: token: try_with_ro needs an im_qcell */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
typedef im_cell(int) int_cell;

void use(const struct im_qcell_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN
    im_qcell_try_with_ro(p, owner, plain)
        (void)p;
#else
    im_qcell_try_with_ro(p, owner, cell)
        (void)p;
#endif
}
