/* SPDX-License-Identifier: MIT */
/*
 * GLib's GHashTable, which has no lock of its own, behind a pthread_rwlock. Keys and values are the pointers.
 *
 * The lock is of the default kind. It prefers readers: an insert beside two busy ones takes 20 µs and more, so that the
 * rows about growth would take minutes. The kind that prefers writers is slower still in the mixed rows.
 */
#include "bench.h"

#include <glib.h>
#include <pthread.h>

#define MAP_NAME "GHashTable + pthread_rwlock"
#define MAP_CANNOT_GROW

struct map_adapter {
    pthread_rwlock_t lock;
    GHashTable *table;
};

static guint hash_word(gconstpointer key)
{
    return (guint)bench_mix((uint64_t)key);
}

static void map_open(struct map_adapter *map, uint64_t entries)
{
    (void)entries;
    pthread_rwlock_init(&map->lock, NULL);
    map->table = g_hash_table_new(hash_word, NULL);
}

static void map_close(struct map_adapter *map)
{
    g_hash_table_destroy(map->table);
    pthread_rwlock_destroy(&map->lock);
}

static inline bool map_get(struct map_adapter *map, uint64_t key, uint64_t *value)
{
    gpointer stored = NULL;
    pthread_rwlock_rdlock(&map->lock);
    bool found = g_hash_table_lookup_extended(map->table, (gpointer)key, NULL, &stored);
    pthread_rwlock_unlock(&map->lock);
    if (found)
        *value = (uint64_t)stored;
    return found;
}

static inline void map_insert(struct map_adapter *map, uint64_t key, uint64_t value)
{
    pthread_rwlock_wrlock(&map->lock);
    g_hash_table_insert(map->table, (gpointer)key, (gpointer)value);
    pthread_rwlock_unlock(&map->lock);
}

static inline void map_update(struct map_adapter *map, uint64_t key, uint64_t value)
{
    map_insert(map, key, value);
}

static inline void map_remove(struct map_adapter *map, uint64_t key)
{
    pthread_rwlock_wrlock(&map->lock);
    g_hash_table_remove(map->table, (gpointer)key);
    pthread_rwlock_unlock(&map->lock);
}

#include "map_any_thread.h"

#include "map_rows.h"
