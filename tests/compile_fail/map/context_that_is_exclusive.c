/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_CONTEXT is a pointer to const: all threads share what it points to */
#include <stdint.h>

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_CONTEXT int *
#else
#define IM_MAP_CONTEXT const int *
#endif
#define IM_MAP_HASH(query, seed, context) (((uint64_t)(query) ^ (seed)) * UINT64_C(0x9e3779b97f4a7c15) ^ !(context))
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
