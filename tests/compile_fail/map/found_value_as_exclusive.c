/* SPDX-License-Identifier: MIT */
/* error gcc: discards 'const' qualifier */
/* error clang: discards qualifiers */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    int *found = table_find(self, 1);
    (void)found;
#else
    const int *found = table_find(self, 1);
    (void)found;
#endif
}
