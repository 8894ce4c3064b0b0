/* SPDX-License-Identifier: MIT */
/* error: page_has_interior_mutability_and_is_not_Freeze */
#include <intermut/map.h>

#define IM_MAP_NAME hit_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

typedef struct {
#ifdef BROKEN
    hit_map hits;
#else
    hit_map *hits;
#endif
} page;
IM_FREEZE(page);
