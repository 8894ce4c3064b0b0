/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an exclusive (non-const) owner */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;
typedef im_lcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *const *cells, int **values)
#else
void use(hits_owner *owner, const counter *const *cells, int **values)
#endif
{
    im_lcell_rw_n(owner, 2, cells, values);
}
