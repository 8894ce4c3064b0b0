/* SPDX-License-Identifier: MIT */
/* error: map: an atomic value must have 1, 2, 4 or 8 bytes */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#ifdef BROKEN
#define IM_MAP_ATOMIC_VALUE __int128
#else
#define IM_MAP_ATOMIC_VALUE long long
#endif
#include <intermut/map.h>
