/* SPDX-License-Identifier: MIT */
/* error: atomic: get_mut needs an exclusive (non-const) pointer */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    im_map_with(table, n, self, 1)
        *im_atomic_get_mut(n) = 2;
#else
    im_map_with(table, n, self, 1)
        im_atomic_store(n, 2);
#endif
}
