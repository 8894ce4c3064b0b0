/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/mutex.h>

typedef struct {
#ifdef BROKEN
    im_mutex(int) hits;
#else
    int hits;
#endif
} page;
IM_FREEZE(page);
