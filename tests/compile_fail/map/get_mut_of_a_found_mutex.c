/* SPDX-License-Identifier: MIT */
/* error: mutex: get_mut needs an exclusive (non-const) pointer */
#include <intermut/mutex.h>

typedef im_mutex(int) counter;

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE counter
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    im_map_with(table, n, self, 1)
        ++*im_mutex_get_mut(n);
#else
    im_map_with(table, n, self, 1)
        im_mutex_with(i, n)++ *i;
#endif
}
