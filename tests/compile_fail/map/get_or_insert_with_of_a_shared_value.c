/* SPDX-License-Identifier: MIT */
/* error: map: a shared value is not copied: use im_map_with_or_insert */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE counter
#include <intermut/map.h>

void use(const table *self, table_make *make, counter *value)
{
#ifdef BROKEN
    (void)table_get_or_insert_with(self, 1, make, NULL, value);
#else
    im_map_with_or_insert(table, n, self, 1, (counter)IM_MUTEX_INIT(0))
        im_mutex_with(i, n)++ *i;
    (void)make, (void)value;
#endif
}
