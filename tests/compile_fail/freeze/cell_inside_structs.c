/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/cell.h>

typedef im_cell(int) counter;

typedef struct {
#ifdef BROKEN
    struct {
        struct {
            counter hits;
        } day;
    } week;
#else
    struct {
        struct {
            counter *hits;
        } day;
    } week;
#endif
} page;
IM_FREEZE(page);
