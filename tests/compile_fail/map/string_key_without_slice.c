/* SPDX-License-Identifier: MIT */
/* error gcc: incompatible type for argument 2 of 'table_contains' */
/* error clang: passing 'char[6]' to parameter of incompatible type */
#define IM_MAP_NAME table
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#include <intermut/map.h>

void use(const table *self)
{
#ifdef BROKEN
    (void)table_contains(self, "hello");
#else
    (void)table_contains(self, im_slice_of("hello"));
#endif
}
