/* SPDX-License-Identifier: MIT */
/* error gcc: passing argument 1 of 'other_table_contains' from incompatible pointer type */
/* error clang: incompatible pointer types passing 'const table *' */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME other_table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    (void)other_table_contains(self, 1);
#else
    (void)table_contains(self, 1);
#endif
}
