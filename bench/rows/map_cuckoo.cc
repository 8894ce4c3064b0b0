// SPDX-License-Identifier: MIT
#include "map_mix.hh"

#include <libcuckoo/cuckoohash_map.hh>

#define MAP_NAME "libcuckoo"

struct map_adapter {
    libcuckoo::cuckoohash_map<uint64_t, uint64_t, mix_hash> *table;
};

static void map_open(map_adapter *map, uint64_t entries)
{
    map->table = entries ? new libcuckoo::cuckoohash_map<uint64_t, uint64_t, mix_hash>(entries)
                         : new libcuckoo::cuckoohash_map<uint64_t, uint64_t, mix_hash>();
}

static void map_close(map_adapter *map)
{
    delete map->table;
}

static inline bool map_get(map_adapter *map, uint64_t key, uint64_t *value)
{
    return map->table->find(key, *value);
}

static inline void map_insert(map_adapter *map, uint64_t key, uint64_t value)
{
    map->table->insert(key, value);
}

static inline void map_update(map_adapter *map, uint64_t key, uint64_t value)
{
    map->table->update(key, value);
}

static inline void map_remove(map_adapter *map, uint64_t key)
{
    map->table->erase(key);
}

#include "map_any_thread.h"

#include "map_rows.h"
