/* SPDX-License-Identifier: MIT */
/* error: map: shared values are not copied: use each inside im_map_with */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE counter
#include <intermut/map.h>

void use(const table *self, const int *keys, table_maybe *values)
{
#ifdef BROKEN
    (void)table_get_many(self, keys, 2, values);
#else
    (void)table_contains(self, keys[1]);
    (void)values;
#endif
}
