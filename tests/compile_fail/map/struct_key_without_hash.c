/* SPDX-License-Identifier: MIT */
/* error: map: a key that is not a scalar needs IM_MAP_HASH and IM_MAP_EQ */
/* and no other error */
#include <intermut/traits.h>

typedef struct {
    int gateway;
} route;
IM_FREEZE(route);

#define IM_MAP_NAME table
#define IM_MAP_KEY route
#define IM_MAP_VALUE int
#ifndef BROKEN
#define IM_MAP_HASH(query, seed) XXH3_64bits_withSeed(&(query), sizeof(query), seed)
#endif
#define IM_MAP_EQ(a, b) ((a).gateway == (b).gateway)
#include <intermut/map.h>

int use(const table *self)
{
    int value = 3;
    (void)table_insert(self, (route){1}, value);
    return table_get(self, (route){1}, &value);
}
