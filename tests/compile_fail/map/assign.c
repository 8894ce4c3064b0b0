/* SPDX-License-Identifier: MIT */
/* error gcc: assignment of read-only location '*self' */
/* error clang: with const-qualified data member 'im_type' */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(table *self, table *other)
{
#ifdef BROKEN
    *self = *other;
#else
    table_destroy(self);
    table_init(other, NULL);
#endif
}
