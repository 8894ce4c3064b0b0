/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_STRING_KEY brings its own IM_MAP_QUERY */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_OWN(key, query, allocator) im_string_own(key, query, allocator)
#endif
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, im_slice_of("one"), 2);
    return table_get(self, im_slice_of("one"), &value) + value;
}
