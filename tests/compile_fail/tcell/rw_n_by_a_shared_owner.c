/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an exclusive (non-const) owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

#ifdef BROKEN
void use(const hits_owner *owner, const counter *const *cells, int **values)
#else
void use(hits_owner *owner, const counter *const *cells, int **values)
#endif
{
    im_tcell_rw_n(owner, 2, cells, values);
}
