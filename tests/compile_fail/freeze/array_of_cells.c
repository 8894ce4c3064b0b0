/* SPDX-License-Identifier: MIT */
/* error gcc: page_has_interior_mutability_and_is_not_Freeze */
/* not seen by clang: it does not look into arrays */
#include <intermut/cell.h>

typedef struct {
#ifdef BROKEN
    im_cell(int) hits[2];
#else
    int hits[2];
#endif
} page;
IM_FREEZE(page);
