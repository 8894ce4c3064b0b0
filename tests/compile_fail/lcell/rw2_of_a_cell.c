/* SPDX-License-Identifier: MIT */
/* error: token: rw2 needs an im_lcell */
#include <intermut/cell.h>
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;
typedef im_cell(int) int_cell;

void use(hits_owner *owner, const counter *cell, const int_cell *plain, const counter *b, int *p, int *q)
{
#ifdef BROKEN
    im_lcell_rw2(owner, plain, b, &p, &q);
#else
    im_lcell_rw2(owner, cell, b, &p, &q);
#endif
}
