/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of member 'im_value' in read-only object */
/* error clang: cannot assign to variable 'n' with const-qualified type */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    im_map_with(table, n, self, 1)
        n->im_value = 2;
#else
    im_map_with(table, n, self, 1)
        im_atomic_store(n, 2);
#endif
}
