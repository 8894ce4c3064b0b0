/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/lazy.h>

#ifdef BROKEN
typedef struct {
    im_lazy(int) hits;
} page;
#else
typedef struct {
    int hits;
} page;
#endif
IM_FREEZE(page);
