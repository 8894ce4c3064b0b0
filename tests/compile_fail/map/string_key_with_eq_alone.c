/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_EQ of strings needs IM_MAP_HASH: what is equal has one hash */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#ifndef BROKEN
#define IM_MAP_HASH(query, seed) ((query).length * UINT64_C(0x9e3779b97f4a7c15) ^ (seed))
#endif
#define IM_MAP_EQ(a, b) ((a).length == (b).length)
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, im_slice_of("one"), 2);
    return table_get(self, im_slice_of("one"), &value) + value;
}
