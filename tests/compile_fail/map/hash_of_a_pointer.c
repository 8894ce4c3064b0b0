/* SPDX-License-Identifier: MIT */
/* error gcc: passing argument 1 of 'hash_of' makes pointer from integer without a cast */
/* error clang: incompatible integer to pointer conversion passing */
/* and no other error */
#include <stdint.h>

#ifdef BROKEN
static inline uint64_t hash_of(const int *key, uint64_t seed)
{
    return ((unsigned)*key ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
}
#else
static inline uint64_t hash_of(int key, uint64_t seed)
{
    return ((unsigned)key ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
}
#endif

#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#define IM_MAP_HASH(query, seed) hash_of(query, seed)
#include <intermut/map.h>

int use(const table *self)
{
    int value = 0;
    (void)table_insert(self, 1, 2);
    return table_get(self, 1, &value) + value;
}
