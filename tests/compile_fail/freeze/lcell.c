/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/lcell.h>

static IM_LCELL_OWNER(hits);
typedef im_lcell_owner(hits) hits_owner;

typedef struct {
#ifdef BROKEN
    im_lcell(hits, int) hits;
#else
    int hits;
#endif
} page;
IM_FREEZE(page);
