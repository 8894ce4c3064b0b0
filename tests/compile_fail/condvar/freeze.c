/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/condvar.h>

typedef struct {
#ifdef BROKEN
    im_condvar changed;
#else
    int changed;
#endif
} page;
IM_FREEZE(page);
