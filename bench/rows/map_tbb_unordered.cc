// SPDX-License-Identifier: MIT
// Erasing is not safe beside other operations, so this map stays out of the rows that remove. Values are atomic.
#include "map_mix.hh"

#include <tbb/concurrent_unordered_map.h>

#include <atomic>

#define MAP_NAME "tbb concurrent_unordered_map"
#define MAP_CANNOT_REMOVE

using table_type = tbb::concurrent_unordered_map<uint64_t, std::atomic<uint64_t>, mix_hash>;

struct map_adapter {
    table_type *table;
};

static void map_open(map_adapter *map, uint64_t entries)
{
    map->table = entries ? new table_type(entries) : new table_type();
}

static void map_close(map_adapter *map)
{
    delete map->table;
}

static inline bool map_get(map_adapter *map, uint64_t key, uint64_t *value)
{
    auto entry = map->table->find(key);
    if (entry == map->table->end())
        return false;
    *value = entry->second.load(std::memory_order_acquire);
    return true;
}

static inline void map_insert(map_adapter *map, uint64_t key, uint64_t value)
{
    map->table->emplace(key, value);
}

static inline void map_update(map_adapter *map, uint64_t key, uint64_t value)
{
    auto entry = map->table->find(key);
    if (entry != map->table->end())
        entry->second.store(value, std::memory_order_release);
}

#include "map_any_thread.h"

#include "map_rows.h"
