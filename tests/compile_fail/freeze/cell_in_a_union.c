/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/cell.h>

typedef struct {
#ifdef BROKEN
    union {
        long id;
        im_cell(int) hits;
    } either;
#else
    union {
        long id;
        int hits;
    } either;
#endif
} page;
IM_FREEZE(page);
