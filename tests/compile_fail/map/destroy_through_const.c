/* SPDX-License-Identifier: MIT */
/* error gcc: discards 'const' qualifier */
/* error clang: discards qualifiers */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

#ifdef BROKEN
void use(const table *self)
#else
void use(table *self)
#endif
{
    table_destroy(self);
}
