/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);
typedef im_tlcell_owner(misses) misses_owner;

void use(hits_owner *owner, misses_owner *other, const counter *const *cells, int **values)
{
#ifdef BROKEN
    im_tlcell_rw_n(other, 2, cells, values);
#else
    im_tlcell_rw_n(owner, 2, cells, values);
#endif
}
