/* SPDX-License-Identifier: MIT */
/* error: map: IM_MAP_QUERY needs IM_MAP_QUERY_OF, IM_MAP_OWN, IM_MAP_EQ and IM_MAP_HASH */
/* and no other error */
#define IM_MAP_NAME table
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#ifdef BROKEN
#define IM_MAP_QUERY long
#else
#define IM_MAP_QUERY long
#define IM_MAP_QUERY_OF(key) ((long)*(key))
#define IM_MAP_OWN(key, query, allocator) ((void)(allocator), *(key) = (int)(query), 0)
#define IM_MAP_EQ(a, b) ((a) == (b))
#define IM_MAP_HASH(query, seed) XXH3_64bits_withSeed(&(query), sizeof(query), seed)
#endif
#include <intermut/map.h>
