/* SPDX-License-Identifier: MIT */
/* error: token: rw_n needs an im_tcell_owner */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, const counter *const *cells, int **values)
{
#ifdef BROKEN
    im_tcell_rw_n(cells[0], 2, cells, values);
#else
    im_tcell_rw_n(owner, 2, cells, values);
#endif
}
