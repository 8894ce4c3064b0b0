/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_QUERY_OF and IM_MAP_OWN go with IM_MAP_QUERY */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_OWN(key, query, allocator) ((void)(allocator), *(key) = (query), 0)
#endif
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
