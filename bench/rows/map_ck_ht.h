/* SPDX-License-Identifier: MIT */
/*
 * Concurrency Kit's ck_ht, whose lookups take no lock beside one writer; so the writers take turns behind a mutex.
 *
 * A lookup that meets a reused slot starts anew. A table that was outgrown is handed to the allocator's free() with the
 * word "defer": it waits there for ck_epoch, in whose sections the lookups are. Sized as ck_ht_grow_spmc(3) advises, at
 * twice the entries. Without CK_HT_WORKLOAD_DELETE: it was a tenth quicker where the key is not there, a fifth slower in
 * the mix that inserts and removes, the same elsewhere. Values are replaced in place, atomically.
 */
#include "bench.h"

#include <ck_epoch.h>
#include <ck_ht.h>
#include <pthread.h>
#include <stddef.h>

struct map_adapter {
    ck_ht_t table;
    char apart[CK_MD_CACHELINE]; /* the lock's line is not the one that lookups read */
    pthread_mutex_t writers;
};

/* What the table allocates, with room for the wait until no reader is left. */
struct block {
    ck_epoch_entry_t retired;
    max_align_t content[];
};

static ck_epoch_t epoch;
static __thread ck_epoch_record_t *self;

__attribute__((constructor)) static void epoch_start(void)
{
    ck_epoch_init(&epoch);
}

/* Records are used again by later threads; ck_epoch knows no way to free them. */
static void thread_enter(void)
{
    self = ck_epoch_recycle(&epoch, NULL);
    if (self)
        return;
    self = aligned_alloc(CK_MD_CACHELINE, sizeof(*self));
    if (!self)
        abort();
    ck_epoch_register(&epoch, self, NULL);
}

/* Not inside a section of its own. */
static void thread_leave(void)
{
    if (self->n_pending > 0)
        ck_epoch_barrier(self);
    ck_epoch_unregister(self);
}

static void *block_new(size_t size)
{
    struct block *block = malloc(sizeof(*block) + size);
    if (!block)
        abort();
    return block->content;
}

static void block_free(ck_epoch_entry_t *retired)
{
    free((char *)retired - offsetof(struct block, retired));
}

static void block_retire(void *content, size_t size, bool defer)
{
    (void)size;
    struct block *block = (struct block *)((char *)content - offsetof(struct block, content));
    if (defer)
        ck_epoch_call(self, &block->retired, block_free);
    else
        free(block);
}

static struct ck_malloc allocator = {.malloc = block_new, .free = block_retire};

static void hash_key(ck_ht_hash_t *hash, const void *key, size_t length, uint64_t seed)
{
    (void)length, (void)seed;
    hash->value = bench_mix(*(const uint64_t *)key);
}

static void map_open(struct map_adapter *map, uint64_t entries)
{
    pthread_mutex_init(&map->writers, NULL);
    if (!ck_ht_init(&map->table, CK_HT_MODE_DIRECT, hash_key, &allocator, 2 * entries, 0))
        abort();
}

static void map_close(struct map_adapter *map)
{
    ck_ht_destroy(&map->table);
    pthread_mutex_destroy(&map->writers);
}

/* What ck_ht_hash_direct() would come to. */
static inline ck_ht_hash_t hash_of(uint64_t key)
{
    return (ck_ht_hash_t){bench_mix(key)};
}

static inline bool look_up_in_section(struct map_adapter *map, uint64_t key, uint64_t *value)
{
    ck_ht_entry_t entry;
    ck_ht_entry_key_set_direct(&entry, key);
    bool found = ck_ht_get_spmc(&map->table, hash_of(key), &entry);
    if (found)
        *value = ck_ht_entry_value_direct(&entry);
    return found;
}

static inline void map_insert(struct map_adapter *map, uint64_t key, uint64_t value)
{
    ck_ht_entry_t entry;
    ck_ht_entry_set_direct(&entry, hash_of(key), key, value);
    pthread_mutex_lock(&map->writers);
    if (!ck_ht_put_spmc(&map->table, hash_of(key), &entry))
        abort();
    pthread_mutex_unlock(&map->writers);
}

static inline void map_update(struct map_adapter *map, uint64_t key, uint64_t value)
{
    ck_ht_entry_t entry;
    ck_ht_entry_set_direct(&entry, hash_of(key), key, value);
    pthread_mutex_lock(&map->writers);
    if (!ck_ht_set_spmc(&map->table, hash_of(key), &entry))
        abort();
    pthread_mutex_unlock(&map->writers);
}

static inline void map_remove(struct map_adapter *map, uint64_t key)
{
    ck_ht_entry_t entry;
    ck_ht_entry_key_set_direct(&entry, key);
    pthread_mutex_lock(&map->writers);
    if (!ck_ht_remove_spmc(&map->table, hash_of(key), &entry))
        abort();
    pthread_mutex_unlock(&map->writers);
}

/* Frees what may be freed, without waiting; outside of a section. */
static inline void reclaim(void)
{
    if (self->n_pending > 0)
        ck_epoch_poll(self);
}
