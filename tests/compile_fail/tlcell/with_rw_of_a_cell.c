/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an im_tlcell */
#include <intermut/cell.h>
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN
    im_tlcell_with_rw(p, owner, plain)
        (void)p;
#else
    im_tlcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
