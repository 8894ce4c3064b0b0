/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;
typedef im_tlcell(hits, int) counter;

void use(hits_owner *owner, hits_owner *other)
{
#ifdef BROKEN
    *owner = *other;
#else
    im_tlcell_owner_end(hits, other);
    im_tlcell_owner_new(hits, owner);
#endif
}
