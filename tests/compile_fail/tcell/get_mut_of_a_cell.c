/* SPDX-License-Identifier: MIT */
/* error: token: get_mut needs an im_tcell */
#include <intermut/cell.h>
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(counter *cell, int_cell *other)
{
#ifdef BROKEN
    (void)im_tcell_get_mut(other);
#else
    (void)im_tcell_get_mut(cell);
#endif
}
