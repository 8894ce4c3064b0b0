/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/once.h>

#ifdef BROKEN
typedef struct {
    im_once(int) hits;
} page;
#else
typedef struct {
    int hits;
} page;
#endif
IM_FREEZE(page);
