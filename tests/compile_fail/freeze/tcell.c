/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/tcell.h>

IM_TCELL_MARKER(hits);
typedef im_tcell_owner(hits) hits_owner;

typedef struct {
#ifdef BROKEN
    im_tcell(hits, int) hits;
#else
    int hits;
#endif
} page;
IM_FREEZE(page);
