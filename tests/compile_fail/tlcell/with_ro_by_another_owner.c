/* SPDX-License-Identifier: MIT */
/* error: token: this cell belongs to the owner of another marker */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;
IM_TLCELL_MARKER(misses);
typedef im_tlcell_owner(misses) misses_owner;

void use(const hits_owner *owner, const misses_owner *other, const counter *cell)
{
#ifdef BROKEN
    im_tlcell_with_ro(p, other, cell)
        (void)p;
#else
    im_tlcell_with_ro(p, owner, cell)
        (void)p;
#endif
}
