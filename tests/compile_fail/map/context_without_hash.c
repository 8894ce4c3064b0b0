/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_CONTEXT needs IM_MAP_HASH(query, seed, context) */
/* and no other error */
#include <stdint.h>

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_CONTEXT const int *
#ifndef BROKEN
#define IM_MAP_HASH(query, seed, context) (((uint64_t)(query) ^ (seed)) * UINT64_C(0x9e3779b97f4a7c15) ^ !(context))
#endif
#define IM_MAP_EQ(a, b, context) ((context) && (a) == (b))
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
