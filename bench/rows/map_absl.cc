// SPDX-License-Identifier: MIT
// flat_hash_map has no lock of its own: behind absl's Mutex, which readers share.
#include "map_mix.hh"

#include <absl/container/flat_hash_map.h>
#include <absl/synchronization/mutex.h>

#define MAP_NAME "absl flat_hash_map + Mutex"

struct locked_table {
    absl::Mutex lock;
    absl::flat_hash_map<uint64_t, uint64_t, mix_hash> table;
};

struct map_adapter {
    locked_table *locked;
};

static void map_open(map_adapter *map, uint64_t entries)
{
    map->locked = new locked_table;
    map->locked->table.reserve(entries);
}

static void map_close(map_adapter *map)
{
    delete map->locked;
}

static inline bool map_get(map_adapter *map, uint64_t key, uint64_t *value)
{
    absl::ReaderMutexLock reading(&map->locked->lock);
    auto entry = map->locked->table.find(key);
    if (entry == map->locked->table.end())
        return false;
    *value = entry->second;
    return true;
}

static inline void map_insert(map_adapter *map, uint64_t key, uint64_t value)
{
    absl::WriterMutexLock writing(&map->locked->lock);
    map->locked->table.emplace(key, value);
}

static inline void map_update(map_adapter *map, uint64_t key, uint64_t value)
{
    absl::WriterMutexLock writing(&map->locked->lock);
    auto entry = map->locked->table.find(key);
    if (entry != map->locked->table.end())
        entry->second = value;
}

static inline void map_remove(map_adapter *map, uint64_t key)
{
    absl::WriterMutexLock writing(&map->locked->lock);
    map->locked->table.erase(key);
}

#include "map_any_thread.h"

#include "map_rows.h"
