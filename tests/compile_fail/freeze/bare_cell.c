/* SPDX-License-Identifier: MIT */
/* error: counter_has_interior_mutability_and_is_not_Freeze */
#include <intermut/cell.h>

#ifdef BROKEN
typedef im_cell(int) counter;
#else
typedef int counter;
#endif
IM_FREEZE(counter);
