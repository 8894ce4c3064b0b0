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
#define IM_MAP_VALUE route
#define IM_MAP_KEY int
#include <intermut/map.h>
