/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_HASH(query, seed) gives a uint64_t, with all 64 bits well mixed */
/* and no other error */
#include <stdint.h>

#ifdef BROKEN
static inline uint32_t hash_of(int key, uint64_t seed)
#else
static inline uint64_t hash_of(int key, uint64_t seed)
#endif
{
    return (unsigned)key * 2654435761u ^ (uint32_t)seed;
}

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
