/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_lcell */
#include <intermut/cell.h>
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *const *cells, const int_cell *const *plains, int **values)
{
#ifdef BROKEN
    im_lcell_rw_n(owner, 2, plains, values);
#else
    im_lcell_rw_n(owner, 2, cells, values);
#endif
}
