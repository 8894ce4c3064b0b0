/* SPDX-License-Identifier: MIT */
/* error: IM_FREEZE_is_missing_for_counter */
/* and no other error */
#include <intermut/atomic.h>

typedef im_atomic(size_t) counter;

/* Inline counters that growth would copy by their bytes while threads increment them: the map that lost increments. */
#define IM_MAP_NAME table
#define IM_MAP_STRING_KEY
#ifdef BROKEN
#define IM_MAP_VALUE counter
#else
#define IM_MAP_ATOMIC_VALUE size_t
#endif
#include <intermut/map.h>
