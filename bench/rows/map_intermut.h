/* SPDX-License-Identifier: MIT */
/* intermut's map as a contender; the including file has named it, its flavour, and how values change. */
#define IM_MAP_NAME u64_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_HASH(key, seed) bench_mix(key)
#include <intermut/map.h>

struct map_adapter {
    u64_map map;
};

static void require(int error)
{
    if (error)
        abort();
}

static void map_open(struct map_adapter *adapter, uint64_t entries)
{
    map_enter();
    if (entries)
        require(u64_map_reserve(&adapter->map, entries));
    map_leave();
}

static void map_close(struct map_adapter *adapter)
{
    map_enter();
    u64_map_destroy(&adapter->map);
    map_leave();
}

#define MAP_FREES_LATER
static void map_free_now(struct map_adapter *adapter)
{
    map_enter();
    require(u64_map_synchronize(&adapter->map));
    map_leave();
}

static inline bool map_get(struct map_adapter *adapter, uint64_t key, uint64_t *value)
{
    return u64_map_get(&adapter->map, key, value) == 0;
}

#define MAP_HAS_GET_MANY
static inline uint64_t map_get_many(struct map_adapter *adapter, const uint64_t *keys, uint64_t count)
{
    u64_map_maybe values[count];
    uint64_t sum = 0;
    u64_map_get_many(&adapter->map, keys, count, values);
    for (uint64_t i = 0; i < count; i++)
        sum ^= values[i].some ? values[i].value : 0;
    return sum;
}

static inline void map_insert(struct map_adapter *adapter, uint64_t key, uint64_t value)
{
    require(u64_map_insert(&adapter->map, key, value));
}

static inline void map_remove(struct map_adapter *adapter, uint64_t key)
{
    require(u64_map_remove(&adapter->map, key, NULL));
}
