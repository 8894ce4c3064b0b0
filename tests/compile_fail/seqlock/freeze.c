/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/seqlock.h>

#ifdef BROKEN
typedef struct {
    im_seqlock(int) hits;
} page;
#else
typedef struct {
    int hits;
} page;
#endif
IM_FREEZE(page);
