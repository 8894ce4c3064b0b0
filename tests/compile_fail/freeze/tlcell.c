/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/tlcell.h>

IM_TLCELL_MARKER(hits);
typedef im_tlcell_owner(hits) hits_owner;

typedef struct {
#ifdef BROKEN
    im_tlcell(hits, int) hits;
#else
    int hits;
#endif
} page;
IM_FREEZE(page);
