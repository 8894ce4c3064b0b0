/* SPDX-License-Identifier: MIT */
/* error: map: define one of IM_MAP_KEY and IM_MAP_STRING_KEY */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_STRING_KEY
#endif
#define IM_MAP_KEY int
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
