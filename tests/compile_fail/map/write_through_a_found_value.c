/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location */
/* error clang: read-only variable is not assignable */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    table_read_lock(self);
    *table_find(self, 1) = 2;
    table_read_unlock(self);
#else
    (void)table_replace(self, 1, 2, NULL);
#endif
}
