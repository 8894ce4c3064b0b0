/* SPDX-License-Identifier: MIT */
/* error: token: with_rw needs an im_lcell */
#include <intermut/cell.h>
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *cell, const int_cell *plain)
{
#ifdef BROKEN
    im_lcell_with_rw(p, owner, plain)
        (void)p;
#else
    im_lcell_with_rw(p, owner, cell)
        (void)p;
#endif
}
