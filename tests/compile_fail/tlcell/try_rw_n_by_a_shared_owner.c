/* SPDX-License-Identifier: MIT */
/* error: token: try_rw_n needs an exclusive (non-const) owner */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *const *cells, int **values)
#else
void use(hits_owner *owner, const counter *const *cells, int **values)
#endif
{
    (void)im_tlcell_try_rw_n(owner, 2, cells, values);
}
