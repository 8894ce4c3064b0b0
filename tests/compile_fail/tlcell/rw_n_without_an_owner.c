/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_tlcell_owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN
    im_tlcell_rw_n(cells[0], 2, cells, values);
#else
    im_tlcell_rw_n(owner, 2, cells, values);
#endif
}
