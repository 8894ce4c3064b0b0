/* SPDX-License-Identifier: MIT */
/* error: token: into_inner needs an im_lcell */
#include <intermut/cell.h>
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(counter *cell, int_cell *other)
{
#ifdef BROKEN
    (void)im_lcell_into_inner(other);
#else
    (void)im_lcell_into_inner(cell);
#endif
}
