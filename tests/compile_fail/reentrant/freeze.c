/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/reentrant.h>

typedef struct {
#ifdef BROKEN
    im_reentrant(int) hits;
#else
    int hits;
#endif
} page;
IM_FREEZE(page);
