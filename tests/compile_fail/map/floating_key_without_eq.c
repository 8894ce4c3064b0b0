/* SPDX-License-Identifier: MIT */
/* error: map: a floating key needs IM_MAP_HASH and IM_MAP_EQ */
/* and no other error */
#include <intermut/traits.h>

#define IM_MAP_NAME table
#define IM_MAP_KEY double
#define IM_MAP_VALUE int
#ifndef BROKEN
#define IM_MAP_HASH(key, seed) ((uint64_t)((key)*1e6) ^ (seed))
#define IM_MAP_EQ(a, b) ((a) <= (b) && (a) >= (b))
#endif
#include <intermut/map.h>

int use(const table *self)
{
    int value = 3;
    (void)table_insert(self, 1.5, value);
    return table_get(self, 1.5, &value);
}
