/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_tlcell */
#include <intermut/cell.h>
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *const *cells, const int_cell *const *plains, int **values)
{
#ifdef BROKEN
    im_tlcell_rw_n(owner, 2, plains, values);
#else
    im_tlcell_rw_n(owner, 2, cells, values);
#endif
}
