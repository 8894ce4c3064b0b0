/* SPDX-License-Identifier: MIT */
/* error: has_interior_mutability_and_is_not_Freeze */
#include <intermut/qcell.h>

#ifdef BROKEN
typedef struct {
    im_qcell(int) hits;
} page;
#else
typedef struct {
    int hits;
} page;
#endif
IM_FREEZE(page);
