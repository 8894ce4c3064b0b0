/* SPDX-License-Identifier: MIT */
/* error: token: ro needs an im_tlcell */
#include <intermut/cell.h>
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(const hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN
    (void)im_tlcell_ro(owner, plain);
#else
    (void)im_tlcell_ro(owner, cell);
#endif
}
