/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
IM_TCELL_MARKER(misses);
typedef im_tcell_owner(misses) misses_owner;

void use(hits_owner *owner, misses_owner *other, const counter *const *cells, int **values)
{
#ifdef BROKEN
    im_tcell_rw_n(other, 2, cells, values);
#else
    im_tcell_rw_n(owner, 2, cells, values);
#endif
}
