/* SPDX-License-Identifier: MIT */
/*
 * GLib's GHashTable, which has no lock of its own, behind the read-write lock that was included before. Keys and values
 * are the pointers.
 *
 *     typedef … map_lock; and functions or macros
 *     map_lock_init(map_lock *), map_lock_destroy(map_lock *)
 *     map_lock_read(map_lock *), map_unlock_read(map_lock *)
 *     map_lock_write(map_lock *), map_unlock_write(map_lock *)
 */
#include "bench.h"

#include <glib.h>

struct map_adapter {
    map_lock lock;
    GHashTable *table;
};

static guint hash_word(gconstpointer key)
{
    return (guint)bench_mix((uint64_t)key);
}

static void map_open(struct map_adapter *map, uint64_t entries)
{
    (void)entries;
    map_lock_init(&map->lock);
    map->table = g_hash_table_new(hash_word, NULL);
}

static void map_close(struct map_adapter *map)
{
    g_hash_table_destroy(map->table);
    map_lock_destroy(&map->lock);
}

static inline bool map_get(struct map_adapter *map, uint64_t key, uint64_t *value)
{
    gpointer stored = NULL;
    map_lock_read(&map->lock);
    bool found = g_hash_table_lookup_extended(map->table, (gpointer)key, NULL, &stored);
    map_unlock_read(&map->lock);
    if (found)
        *value = (uint64_t)stored;
    return found;
}

static inline void map_insert(struct map_adapter *map, uint64_t key, uint64_t value)
{
    map_lock_write(&map->lock);
    g_hash_table_insert(map->table, (gpointer)key, (gpointer)value);
    map_unlock_write(&map->lock);
}

static inline void map_update(struct map_adapter *map, uint64_t key, uint64_t value)
{
    map_insert(map, key, value);
}

static inline void map_remove(struct map_adapter *map, uint64_t key)
{
    map_lock_write(&map->lock);
    g_hash_table_remove(map->table, (gpointer)key);
    map_unlock_write(&map->lock);
}

#include "map_any_thread.h"

#include "map_rows.h"
