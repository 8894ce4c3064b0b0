/* SPDX-License-Identifier: MIT */
/* error gcc: page_has_interior_mutability_and_is_not_Freeze */
/* not seen by clang: it does not look into arrays */
#include <intermut/cell.h>

typedef im_cell(int) counter;

typedef struct {
#ifdef BROKEN
    struct {
        struct {
            counter hits[4];
        } day[7];
    } week;
#else
    struct {
        struct {
            counter *hits[4];
        } day[7];
    } week;
#endif
} page;
IM_FREEZE(page);
