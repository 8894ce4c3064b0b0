/* SPDX-License-Identifier: MIT */
/* error: IM_FREEZE_is_missing_for_route */
/* and no other error */
#include <intermut/traits.h>

typedef struct {
    int gateway;
} route;
#ifndef BROKEN
IM_FREEZE(route);
#endif

#define IM_MAP_NAME table
#define IM_MAP_KEY route
#define IM_MAP_VALUE int
#define IM_MAP_HASH(query, seed) XXH3_64bits_withSeed(&(query), sizeof(query), seed)
#define IM_MAP_EQ(a, b) ((a).gateway == (b).gateway)
#include <intermut/map.h>
