/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_tcell */
#include <intermut/cell.h>
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *const *cells, const int_cell *const *plains, int **values)
{
#ifdef BROKEN
    im_tcell_rw_n(owner, 2, plains, values);
#else
    im_tcell_rw_n(owner, 2, cells, values);
#endif
}
