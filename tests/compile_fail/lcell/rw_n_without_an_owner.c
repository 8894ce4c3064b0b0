/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an owner declared by IM_LCELL_OWNER */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

void use(hits_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN
    im_lcell_rw_n(cells[0], 2, cells, values);
#else
    im_lcell_rw_n(owner, 2, cells, values);
#endif
}
