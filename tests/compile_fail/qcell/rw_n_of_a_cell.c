/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_qcell */
#include <intermut/cell.h>
#include <intermut/qcell.h>

typedef im_qcell(int) counter;
typedef im_cell(int) int_cell;

void use(struct im_qcell_owner *owner, const counter *const *cells, const int_cell *const *plains, int **values)
{
#ifdef BROKEN
    im_qcell_rw_n(owner, 2, plains, values);
#else
    im_qcell_rw_n(owner, 2, cells, values);
#endif
}
