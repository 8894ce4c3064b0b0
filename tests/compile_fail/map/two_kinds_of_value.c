/* SPDX-License-Identifier: MIT */
/* error: map: define one of IM_MAP_VALUE, IM_MAP_ATOMIC_VALUE and IM_MAP_SHARED_VALUE */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#ifdef BROKEN
#define IM_MAP_ATOMIC_VALUE int
#endif
#define IM_MAP_VALUE int
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
