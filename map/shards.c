/* SPDX-License-Identifier: MIT */
/*
 * Many shards: how a map gets them, and how they are locked.
 */
#include <map_internal.h>

#include <unistd.h>

#include <intermut/backoff.h>

enum {
    /* A map of one shard is split when so many writers have waited for its lock. */
    CONTENDED_MAX = 256,
/* Of the rounds of a backoff, all that spin; none in the model, which tries all orders anyway. */
#ifdef IM_SYNC_HEADER
    LOCK_FIRST_ROUND = IM_BACKOFF_SPIN_ROUNDS,
#else
    LOCK_FIRST_ROUND = 0,
#endif
    SHARDS_PER_CORE = 4,
    /* Until a lock that is still held is taken for one whose holder waits for something. */
    MOMENTS = 32,
};

static uint32_t wanted_shards(const struct im_raw_map *map)
{
    size_t shards = map->wanted_shards;
    if (shards == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        shards = cores > 0 ? (size_t)cores * SHARDS_PER_CORE : 1;
        shards = shards < IM_MAP_SHARDS ? IM_MAP_SHARDS : shards;
    }
    return shards < IM_MAP_MAX_SHARDS ? (uint32_t)1 << im__map_bits_of(shards) : IM_MAP_MAX_SHARDS;
}

/* Most changes are shorter than it takes to sleep: growth and grace periods are not. */
static bool try_lock_for_a_moment(struct im_sync_mutex *lock)
{
    struct im_backoff backoff = {.round = LOCK_FIRST_ROUND};
    bool locked = false;
    while (!locked && !im_backoff_is_spent(&backoff)) {
        im_backoff_wait(&backoff);
        locked = im_sync_mutex_try_lock(lock);
    }
    return locked;
}

static void lock_shard(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shard)
{
    if (!im_sync_mutex_try_lock(&shard->lock)) {
        if (!try_lock_for_a_moment(&shard->lock))
            lock_offline(&shard->lock, type);
        shard->contended_locks++;
    }
    write->shard = shard;
    write->table = first_table(shard);
}

void im_raw_map_unlock(struct im_map_write *write)
{
    im_sync_mutex_unlock(&write->shard->lock);
    write->shard = NULL;
    write->table = NULL;
}

void im__map_shards_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards)
{
    for (size_t i = 0; i < shard_count(map, shards); i++) {
        struct im_map_table *table = im_map_view(im_sync_load(&shards[i].table, memory_order_relaxed)).table;
        if (table)
            im__map_table_free(map, type, table);
    }
    im_release(map->allocator, shards, shard_count(map, shards) * sizeof *shards);
}

static struct im_map_shard *shards_new(struct im_raw_map *map)
{
    const size_t count = (size_t)map->shard_mask + 1;
    struct im_map_shard *shards = im_allocate(map->allocator, count * sizeof *shards, IM_CACHE_LINE_BYTES);
    for (size_t i = 0; shards && i < count; i++)
        shards[i] = (struct im_map_shard){.least_groups = map->first.least_groups / count};
    return shards;
}

static void count_keys(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *old,
                       struct im_map_shard *shards)
{
    FOR_EACH_USED_SLOT(old, slot)
    {
        uint64_t hash = type->hash_slot(im_map_slot(old, slot, type->slot_bytes), seed_of(map));
        add_length(&shards[im_map_shard_index(hash, map->shard_mask)], 1);
    }
}

/* Give each shard a table with room for what belongs there of the first one, and half as much again. */
static int make_tables(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards)
{
    FOR_EACH_TABLE(&map->first, old)
    count_keys(map, type, old, shards);
    for (size_t i = 0; i < shard_count(map, shards); i++) {
        uint32_t bits = 0;
        struct im_map_table *table;
        int error = im__map_bits_for(length_of(&shards[i]) / 2 * 3, &bits);
        if (!error)
            error = im__map_table_new(map, type, bits, &table);
        if (error)
            return error;
        im_sync_store(&shards[i].table, word_of(table), memory_order_relaxed);
    }
    return 0;
}

static void copy_to_shards(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *old,
                           const struct im_map_shard *shards)
{
    FOR_EACH_USED_SLOT(old, slot)
    {
        const void *source = im_map_slot(old, slot, type->slot_bytes);
        uint64_t hash = type->hash_slot(source, seed_of(map));
        const struct im_map_shard *shard = &shards[im_map_shard_index(hash, map->shard_mask)];
        im__map_copy_slot(type, source, hash, im_map_view(im_sync_load(&shard->table, memory_order_relaxed)).table);
    }
}

/* Fill the shards with what the first one has, and publish them. */
static void spread(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shards)
{
    struct im_raw_map *map = write->map;
    struct im_map_table *next;
    FOR_EACH_TABLE(&map->first, old)
    {
        if (IM_UNLIKELY(old->shadow))
            im__map_shadow_compare_used(old, "when its table was copied");
        copy_to_shards(map, type, old, shards);
    }
    /* Release: the shards are filled before they are seen; pairs with the acquires of `shards`. */
    im_sync_store(&map->shards, shards, memory_order_release);
    for (struct im_map_table *old = first_table(&map->first); old; old = next) {
        next = im_map_newer_table(old);
        im__map_leave_behind(write, type, old, IM_MAP_NO_PART);
    }
}

/*
 * Spread the first shard over many. The caller has it locked; of values that change in place, and where it has keys, while
 * nobody changes them. Afterwards the caller has locked the shard of `*hash` instead; still the first one, which nobody
 * looks at any more, when that is NULL. ENOMEM: all is as before.
 */
int im__map_split(struct im_map_write *write, const struct im_map_type *type, const uint64_t *hash)
{
    struct im_raw_map *map = write->map;
    const bool has_keys = write->table != NULL;
    const uint64_t began_ns = has_keys ? im_sync_now_ns() : 0;
    map->shard_mask = wanted_shards(map) - 1;
    struct im_map_shard *shards = shards_new(map);
    if (!shards)
        return ENOMEM;
    int error = has_keys ? make_tables(map, type, shards) : 0;
    if (error) {
        im__map_shards_free(map, type, shards);
        return error;
    }

    int cancel_state = im_sync_cancel_disable();
    struct im_map_shard *own = hash ? &shards[im_map_shard_index(*hash, map->shard_mask)] : write->shard;
    if (hash)
        im_sync_mutex_lock(&own->lock);
    spread(write, type, shards);
    if (hash)
        im_sync_mutex_unlock(&write->shard->lock);
    write->shard = own;
    write->table = first_table(own);
    if (has_keys) {
        im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
        im__map_record_pause(map, began_ns);
    }
    im_sync_cancel_restore(cancel_state);
    return 0;
}

/* With the first shard locked, which another may have split before. */
static bool is_split(const struct im_raw_map *map)
{
    /* Relaxed: the lock is acquired. */
    return im_sync_load(&map->shards, memory_order_relaxed) != NULL;
}

/* Whoever unlocks a shard waits until its stores are done: the line is fetched before it is needed, and in parallel. */
static void prefetch_to_write(const void *line)
{
#if defined(__x86_64__)
    /* __builtin_prefetch() gives a shared line there, unless told that the machine has the instruction; all have. */
    __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)line));
#else
    __builtin_prefetch(line, 1);
#endif
}

/* What a new key with this hash is likely to be written to. Nothing to the model, for which it were one more load. */
static void prefetch_for(const struct im_map_shard *shard, const struct im_map_type *type, uint64_t hash)
{
#ifdef IM_SYNC_HEADER
    (void)prefetch_to_write, (void)shard, (void)type, (void)hash;
#else
    /* Relaxed: to fetch from a table that is gone does no harm. */
    struct im_map_view view = im_map_view(im_sync_load(&shard->table, memory_order_relaxed));
    if (IM_UNLIKELY(!view.table))
        return;
    size_t group = im_map_home_group(hash, view.group_mask);
    prefetch_to_write(&view.table->control[group * IM_MAP_GROUP_WORDS]);
    prefetch_to_write(im_map_slot(view.table, group * IM_MAP_GROUP_SLOTS + im_map_home_slot(hash), type->slot_bytes));
    prefetch_to_write(view.table);
#endif
}

void im_raw_map_lock(struct im_map_write *write, const struct im_map_type *type, uint64_t hash)
{
    struct im_raw_map *map = write->map;
    struct im_map_shard *shards;
    while (!(shards = shards_of(map))) {
        lock_shard(write, type, &map->first);
        if (is_split(map)) {
            im_raw_map_unlock(write);
            continue;
        }
        if (IM_UNLIKELY(map->first.contended_locks > CONTENDED_MAX) && may_split(write)) {
            map->first.contended_locks = 0;
            /* No memory for it: then not. */
            if (write->table && type->changes_in_place)
                (void)im__map_want_split(write, type);
            else
                (void)im__map_split(write, type, &hash);
        }
        return;
    }
    struct im_map_shard *shard = &shards[im_map_shard_index(hash, map->shard_mask)];
    prefetch_for(shard, type, hash);
    lock_shard(write, type, shard);
}

bool im_raw_map_lock_next(struct im_map_write *write, const struct im_map_type *type, size_t *at)
{
    struct im_raw_map *map = write->map;
    for (;;) {
        struct im_map_shard *shards = shards_of(map);
        if (*at >= shard_count(map, shards))
            return false;
        lock_shard(write, type, shards ? &shards[*at] : &map->first);
        if (shards || !is_split(map)) {
            /* What is split after this was seen whole. */
            *at = shards ? *at + 1 : SIZE_MAX;
            return true;
        }
        im_raw_map_unlock(write);
    }
}

bool im__map_grows(const struct im_raw_map *map)
{
    const struct im_map_shard *shards = shards_of(map);
    const size_t count = shard_count(map, shards);
    for (size_t i = 0; i < count; i++) {
        if (is_growing(shards ? &shards[i] : &map->first))
            return true;
    }
    return false;
}

bool im__map_try_lock_growing(struct im_map_write *write, size_t at, struct im_map_shard **busy)
{
    struct im_raw_map *map = write->map;
    struct im_map_shard *shards = shards_of(map);
    struct im_map_shard *shard = shards ? &shards[at & map->shard_mask] : &map->first;
    if (!is_growing(shard))
        return false;
    bool locked = im_sync_mutex_try_lock(&shard->lock);
    for (int moment = 0; !locked && moment < MOMENTS; moment++)
        locked = try_lock_for_a_moment(&shard->lock);
    if (!locked) {
        *busy = shard;
        return false;
    }
    write->shard = shard;
    write->table = first_table(shard);
    if (is_growing(shard) && (shards || !is_split(map)))
        return true;
    im_raw_map_unlock(write);
    return false;
}

void im__map_wait_for_shard(struct im_map_shard *shard, const struct im_map_type *type)
{
    lock_offline(&shard->lock, type);
    im_sync_mutex_unlock(&shard->lock);
}
