/* SPDX-License-Identifier: MIT */
/* error: counter_has_interior_mutability_and_is_not_Freeze */
#include <intermut/atomic.h>

typedef im_atomic(size_t) counter;

#define IM_MAP_NAME table
#define IM_MAP_STRING_KEY
#ifdef BROKEN
IM_FREEZE(counter);
#define IM_MAP_VALUE counter
#else
#define IM_MAP_ATOMIC_VALUE size_t
#endif
#include <intermut/map.h>
