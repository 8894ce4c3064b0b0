/* SPDX-License-Identifier: MIT */
/* For check_prefetch.py: a search, and a function that searches for nothing. */
#include <intermut/traits.h>

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE uint64_t
#include <intermut/map.h>

bool searches(const number_map *map, uint64_t key)
{
    return number_map_contains(map, key);
}

size_t counts(const number_map *map)
{
    return number_map_len(map);
}
