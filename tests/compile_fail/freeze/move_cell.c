/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/move_cell.h>

typedef struct {
#ifdef BROKEN
    im_move_cell(char *) text;
#else
    char *text;
#endif
} page;
IM_FREEZE(page);
