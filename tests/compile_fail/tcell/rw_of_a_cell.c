/* SPDX-License-Identifier: MIT */
/* error: token: rw needs an im_tcell */
#include <intermut/cell.h>
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN
    (void)im_tcell_rw(owner, plain);
#else
    (void)im_tcell_rw(owner, cell);
#endif
}
