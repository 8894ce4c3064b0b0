/* SPDX-License-Identifier: MIT */
/* error gcc: makes integer from pointer without a cast */
/* error clang: incompatible pointer to integer conversion */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(const table *self, const char *text)
{
#ifdef BROKEN
    (void)table_insert(self, 1, text);
#else
    (void)table_insert(self, 1, *text);
#endif
}
