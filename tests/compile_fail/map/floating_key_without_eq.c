/* SPDX-License-Identifier: MIT */
/* error: map: a floating key needs IM_MAP_HASH and IM_MAP_EQ */
#include <intermut/traits.h>

#define IM_MAP_NAME measure_map
#define IM_MAP_KEY double
#define IM_MAP_VALUE int
#ifndef BROKEN
#define IM_MAP_HASH(key, seed) ((uint64_t)((key)*1e6) ^ (seed))
#define IM_MAP_EQ(a, b) ((a) <= (b) && (a) >= (b))
#endif
#include <intermut/map.h>
