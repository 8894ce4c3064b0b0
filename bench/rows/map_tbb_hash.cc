// SPDX-License-Identifier: MIT
#include "map_mix.hh"

#include <tbb/concurrent_hash_map.h>

#define MAP_NAME "tbb concurrent_hash_map"

struct mix_compare {
    static size_t hash(uint64_t key)
    {
        return bench_mix(key);
    }

    static bool equal(uint64_t a, uint64_t b)
    {
        return a == b;
    }
};

using table_type = tbb::concurrent_hash_map<uint64_t, uint64_t, mix_compare>;

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
    table_type::const_accessor entry;
    if (!map->table->find(entry, key))
        return false;
    *value = entry->second;
    return true;
}

static inline void map_insert(map_adapter *map, uint64_t key, uint64_t value)
{
    map->table->insert({key, value});
}

static inline void map_update(map_adapter *map, uint64_t key, uint64_t value)
{
    table_type::accessor entry;
    if (map->table->find(entry, key))
        entry->second = value;
}

static inline void map_remove(map_adapter *map, uint64_t key)
{
    map->table->erase(key);
}

#include "map_any_thread.h"

#include "map_rows.h"
