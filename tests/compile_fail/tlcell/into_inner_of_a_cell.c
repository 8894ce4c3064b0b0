/* SPDX-License-Identifier: MIT */
/* error: token: into_inner needs an im_tlcell */
#include <intermut/cell.h>
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(counter *cell, int_cell *other)
{
#ifdef BROKEN
    (void)im_tlcell_into_inner(other);
#else
    (void)im_tlcell_into_inner(cell);
#endif
}
