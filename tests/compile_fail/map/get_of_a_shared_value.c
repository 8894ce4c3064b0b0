/* SPDX-License-Identifier: MIT */
/* error: map: a shared value is not copied: use it inside im_map_with */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE counter
#include <intermut/map.h>

void use(const table *self, counter *value)
{
#ifdef BROKEN
    (void)table_get(self, 1, value);
#else
    (void)table_remove(self, 1, value);
#endif
}
