/* SPDX-License-Identifier: MIT */
/* error: map: define one of IM_MAP_VALUE, IM_MAP_ATOMIC_VALUE and IM_MAP_SHARED_VALUE */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#ifdef BROKEN
#define IM_MAP_VALUE int
#define IM_MAP_ATOMIC_VALUE int
#else
#define IM_MAP_VALUE int
#endif
#include <intermut/map.h>
