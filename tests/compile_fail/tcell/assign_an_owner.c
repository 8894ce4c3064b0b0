/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only */
/* error clang: cannot assign to */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;
typedef im_tcell(hits, int) counter;

void use(hits_owner *owner, hits_owner *other)
{
#ifdef BROKEN
    *owner = *other;
#else
    im_tcell_owner_end(hits, other);
    im_tcell_owner_new(hits, owner);
#endif
}
