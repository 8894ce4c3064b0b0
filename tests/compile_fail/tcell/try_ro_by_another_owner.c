/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;
IM_TCELL_MARKER(misses);
typedef im_tcell_owner(misses) misses_owner;

void use(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN
    (void)im_tcell_try_ro(other, cell);
#else
    (void)im_tcell_try_ro(owner, cell);
#endif
}
