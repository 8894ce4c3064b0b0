/* SPDX-License-Identifier: MIT */
/*
 * Many shards: how a map gets them, and how they are locked.
 */
#include <map_internal.h>

#include <string.h>
#include <unistd.h>

#include <intermut/backoff.h>

enum {
    /* A map of one shard is split when so many writers have waited for its lock. */
    CONTENDED_MAX = 256,
/* Of the rounds of a backoff, all that spin; none in the model, which tries all orders anyway. Nor is there patience. */
#ifdef IM_SYNC_HEADER
    LOCK_FIRST_ROUND = IM_BACKOFF_SPIN_ROUNDS,
    PATIENCE_NS = 0,
#else
    LOCK_FIRST_ROUND = 0,
    PATIENCE_NS = 20 * 1000 * 1000,
#endif
    SHARDS_PER_CORE = 4,
    /* Until a lock that is still held is taken for one whose holder waits for something. */
    MOMENTS = 32,
    /* Of a split: fewer keys are copied with the lock, some 0.2 ms; and after so many passes all that are left. */
    COPIED_LOCKED_KEYS = 1 << 12,
    COPYING_PASSES = 10,
    /* Between two tries for a lock whose holder was sent away from its core, or is in a callback. */
    NAP_NS = 50 * 1000,
};

static uint32_t wanted_shards(const struct im_raw_map *map)
{
    size_t shards = map->wanted_shards;
    if (shards == 0) {
        /* Where /sys and /proc are not mounted it sets errno, and gives a number. */
        const int saved_errno = errno;
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        errno = saved_errno;
        shards = cores > 0 ? (size_t)cores * SHARDS_PER_CORE : 1;
        shards = shards < IM_MAP_SHARDS ? IM_MAP_SHARDS : shards;
    }
    return shards < IM_MAP_MAX_SHARDS ? (uint32_t)1 << im__map_bits_of(shards) : IM_MAP_MAX_SHARDS;
}

/* Most changes are shorter than it takes to sleep: growth and grace periods are not. */
static bool try_lock_for_a_moment(struct im_map_lock *lock)
{
    struct im_backoff backoff = {.round = LOCK_FIRST_ROUND};
    bool locked = false;
    while (!locked && !im_backoff_is_spent(&backoff)) {
        im_backoff_wait(&backoff);
        locked = im_map_lock_try(lock);
    }
    return locked;
}

/* The same, also of a holder that has to wait for a core, but not of one that waits for something else. */
static bool try_lock_for_moments(struct im_map_lock *lock)
{
    bool locked = im_map_lock_try(lock);
    for (int moment = 0; !locked && moment < MOMENTS; moment++)
        locked = try_lock_for_a_moment(lock);
    return locked;
}

static void enter_locked(struct im_map_write *write, struct im_map_shard *shard)
{
    write->shard = shard;
    write->table = first_table(shard);
}

static void lock_shard(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shard)
{
    if (!im_map_lock_try(&shard->lock)) {
        if (!try_lock_for_a_moment(&shard->lock))
            lock_offline(&shard->lock, type);
        shard->contended_locks++;
    }
    enter_locked(write, shard);
}

void im_raw_map_unlock(struct im_map_write *write)
{
    im_map_lock_give(&write->shard->lock);
    write->shard = NULL;
    write->table = NULL;
}

void im__map_shards_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct im_map_table *table = im_map_view(im_sync_load(&shards[i].table, memory_order_relaxed)).table;
        if (table)
            im__map_table_free(map, type, table);
    }
    im_release(map->allocator, shards, count * sizeof *shards);
}

/* Of a split that is under way. */
static size_t new_shard_count(const struct im_raw_map *map)
{
    return (size_t)map->split_mask + 1;
}

/* With the first shard locked. */
static struct im_map_shard *shards_new(struct im_raw_map *map)
{
    map->split_mask = wanted_shards(map) - 1;
    const size_t count = new_shard_count(map);
    struct im_map_shard *shards = im_allocate(map->allocator, count * sizeof *shards, IM_CACHE_LINE_BYTES);
    for (size_t i = 0; shards && i < count; i++)
        shards[i] = (struct im_map_shard){.least_groups = map->first.least_groups / count};
    return shards;
}

/* The slots in use of a control word, of those that were not copied to the shards yet. */
static unsigned slots_to_copy(const struct im_map_table *table, size_t word)
{
    /* Acquire: the slots are filled; pairs with the releases in im_map_publish() and set_control(). */
    const unsigned used = im_map_word_match_full(im_sync_load(&table->control[word], memory_order_acquire));
    return table->copied ? used & ~(unsigned)table->copied[word] : used;
}

/* The same of a whole table: `slot` is each of them in turn. */
#define FOR_EACH_SLOT_TO_COPY(table, slot)                                                                       \
    for (size_t slot##_word = 0, slot = 0; slot##_word < groups_of(table) * IM_MAP_GROUP_WORDS; slot##_word++)   \
        for (unsigned slot##_left = slots_to_copy(table, slot##_word);                                           \
             slot##_left && (slot = slot##_word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctz(slot##_left), true); \
             slot##_left &= slot##_left - 1)

/* The tables of the first shard, for who may be without its lock. */
#define FOR_EACH_OLD_TABLE(map, old) \
    for (struct im_map_table *old = first_table(&(map)->first); old; old = newer_view(old).table)

static struct im_map_shard *shard_of_slot(const struct im_raw_map *map, struct im_map_shard *shards, uint64_t hash)
{
    return &shards[im_map_shard_index(hash, map->split_mask)];
}

/* Give each shard a table with room for what belongs there of the first one, and half as much again. */
static int make_tables(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards)
{
    FOR_EACH_OLD_TABLE(map, old)
    FOR_EACH_SLOT_TO_COPY(old, slot)
    {
        uint64_t hash = type->hash_slot(im_map_slot(old, slot, type->slot_bytes), seed_of(map));
        add_length(shard_of_slot(map, shards, hash), 1);
    }
    for (size_t i = 0; i < new_shard_count(map); i++) {
        uint32_t bits = 0;
        struct im_map_table *table;
        int error = im__map_bits_for(length_of(&shards[i]) / 2 * 3, &bits);
        if (!error)
            error = im__map_table_new(map, type, bits, &table);
        if (error)
            return error;
        im_sync_store(&shards[i].table, word_of(table), memory_order_relaxed);
        im_sync_store(&shards[i].length, 0, memory_order_relaxed);
    }
    return 0;
}

/* For one more key in a shard that nobody sees yet. */
static int make_room_in(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shard)
{
    struct im_map_table *old = first_table(shard), *new;
    if (IM_LIKELY(old->room > 0))
        return 0;
    int error = im__map_table_new(map, type, old->group_bits + 1u, &new);
    if (error)
        return error;
    im__map_copy_slots(type, seed_of(map), old, new);
    im_sync_store(&shard->table, word_of(new), memory_order_relaxed);
    im__map_table_free(map, type, old);
    return 0;
}

/* Copy what was not copied yet of one table; how many keys that were is added to `*keys`. */
static int copy_to_shards(struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *old,
                          struct im_map_shard *shards, size_t *keys)
{
    FOR_EACH_SLOT_TO_COPY(old, slot)
    {
        const void *source = im_map_slot(old, slot, type->slot_bytes);
        const uint64_t hash = type->hash_slot(source, seed_of(map));
        struct im_map_shard *shard = shard_of_slot(map, shards, hash);
        int error = make_room_in(map, type, shard);
        if (error)
            return error;
        im__map_copy_slot(type, source, hash, first_table(shard));
        add_length(shard, 1);
        if (old->copied)
            old->copied[slot_word] |= (unsigned char)(1u << slot % IM_MAP_WORD_SLOTS);
        ++*keys;
    }
    return 0;
}

/* Copy the rest, with the first shard locked. */
static int copy_rest_to_shards(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards)
{
    size_t keys = 0;
    int error = 0;
    FOR_EACH_OLD_TABLE(map, old)
    {
        if (IM_UNLIKELY(old->shadow))
            im__map_shadow_compare_used(old, "when its table was copied");
        if (!error)
            error = copy_to_shards(map, type, old, shards, &keys);
    }
    return error;
}

/* Publish the shards, which have all that the first one has; its tables are left behind. */
static void publish_shards(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shards)
{
    struct im_raw_map *map = write->map;
    struct im_map_table *next;
    map->shard_mask = map->split_mask;
    /* Release: the shards are filled before they are seen; pairs with the acquires of `shards`. */
    im_sync_store(&map->shards, shards, memory_order_release);
    for (struct im_map_table *old = first_table(&map->first); old; old = next) {
        next = im_map_newer_table(old);
        im__map_leave_behind(write, type, old, IM_MAP_NO_PART);
    }
}

/*
 * Spread the first shard over many. The caller has it locked; values that change in place it has none. Afterwards the
 * caller has locked the shard of `*hash` instead; still the first one, which nobody looks at any more, when that is NULL.
 * ENOMEM: all is as before.
 */
int im__map_split(struct im_map_write *write, const struct im_map_type *type, const uint64_t *hash)
{
    struct im_raw_map *map = write->map;
    const bool has_keys = write->table != NULL;
    const uint64_t began_ns = has_keys ? im_sync_now_ns() : 0;
    struct im_map_shard *shards = shards_new(map);
    if (!shards)
        return ENOMEM;
    int error = has_keys ? make_tables(map, type, shards) : 0;
    if (!error)
        error = copy_rest_to_shards(map, type, shards);
    if (error) {
        im__map_shards_free(map, type, shards, new_shard_count(map));
        return error;
    }

    int cancel_state = im_sync_cancel_disable();
    struct im_map_shard *own = hash ? shard_of_slot(map, shards, *hash) : write->shard;
    if (hash)
        im_map_lock_take(&own->lock);
    publish_shards(write, type, shards);
    if (hash)
        im_map_lock_give(&write->shard->lock);
    write->shard = own;
    write->table = first_table(own);
    if (has_keys) {
        im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
        im__map_record_pause(map, began_ns);
    }
    im_sync_cancel_restore(cancel_state);
    return 0;
}

/* ---- Splitting by and by ---- */

/* Which slots of a table were copied: none so far. Without memory for it the table is copied with the lock. */
static void remember_copies(const struct im_raw_map *map, struct im_map_table *table)
{
    const size_t words = groups_of(table) * IM_MAP_GROUP_WORDS;
    if (!table->copied)
        table->copied = im_allocate(map->allocator, words, 1);
    if (table->copied)
        memset(table->copied, 0, words);
}

static void forget_copies(const struct im_raw_map *map)
{
    FOR_EACH_OLD_TABLE(map, old)
    {
        im_release(map->allocator, old->copied, groups_of(old) * IM_MAP_GROUP_WORDS);
        old->copied = NULL;
    }
}

/* Without the lock: all keys, then those that came meanwhile, until few come in the time that this takes. */
static int copy_beside(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards)
{
    int error = make_tables(map, type, shards);
    size_t keys = SIZE_MAX;
    for (unsigned pass = 0; !error && keys > COPIED_LOCKED_KEYS && pass < COPYING_PASSES; pass++) {
        keys = 0;
        FOR_EACH_OLD_TABLE(map, old)
        {
            if (!old->copied)
                remember_copies(map, old);
            if (old->copied && !error)
                error = copy_to_shards(map, type, old, shards, &keys);
        }
    }
    return error;
}

/*
 * Lock the first shard, with changes stopped: its holder may be in a callback, which may wait for one who waits until they
 * go on. So the patience has an end.
 */
static bool lock_first_patiently(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    bool locked = try_lock_for_moments(&map->first.lock);
    if (!locked && PATIENCE_NS > 0) {
        const uint64_t until_ns = im_sync_now_ns() + PATIENCE_NS;
        const bool was_online = type->rcu->offline();
        while (!locked && im_sync_now_ns() < until_ns) {
            im_sync_wait(&map->is_spread, 1, im_sync_now_ns() + NAP_NS);
            locked = im_map_lock_try(&map->first.lock);
        }
        if (was_online)
            type->rcu->online();
    }
    if (locked)
        enter_locked(write, &map->first);
    return locked;
}

/* Let the first shard go, and have it again: between these it gets new keys, and no other change. EBUSY: it is not locked. */
static int copy_without_lock(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shards)
{
    struct im_raw_map *map = write->map;
    /* Relaxed: who looks has the lock, but for those who sleep on it, and look again with the lock. */
    im_sync_store(&map->is_spread, 1, memory_order_relaxed);
    im_raw_map_unlock(write);
    const int error = copy_beside(map, type, shards);
    return lock_first_patiently(write, type) ? error : EBUSY;
}

/* With the lock, or without it when nothing came of the split. */
static void let_changes_go_on(struct im_raw_map *map)
{
    /* Release: who changes the first shard now does so after it was read; pairs with the acquire in im_map_is_spread(). */
    im_sync_store(&map->is_spread, 0, memory_order_release);
    im_sync_wake(&map->is_spread, IM_SYNC_ALL);
}

/*
 * The same of a growing shard whose values change in place, while nobody changes them (I8). Most is copied without the
 * lock. Not so in the checked build: what it knows of values moves with them, at once. EBUSY: the first shard, as it was, is
 * not locked any more, since another has kept it locked.
 */
int im__map_split_by_and_by(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    struct im_map_shard *shards = shards_new(map);
    if (!shards)
        return ENOMEM;
    int error = type->check ? make_tables(map, type, shards) : copy_without_lock(write, type, shards);
    const uint64_t began_ns = im_sync_now_ns();
    if (!error)
        error = copy_rest_to_shards(map, type, shards);
    forget_copies(map);
    if (error) {
        im__map_shards_free(map, type, shards, new_shard_count(map));
    } else {
        publish_shards(write, type, shards);
        im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
        im__map_record_pause(map, began_ns);
    }
    let_changes_go_on(map);
    return error;
}

void im_raw_map_await_split(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_raw_map *map = write->map;
    im_raw_map_unlock(write);
    const bool was_online = type->rcu->offline();
    /* Relaxed: who waited looks again with the lock. */
    while (im_sync_load(&map->is_spread, memory_order_relaxed))
        im_sync_wait(&map->is_spread, 1, IM_SYNC_FOREVER);
    if (was_online)
        type->rcu->online();
}

/* With the first shard locked, which another may have split before. */
static bool is_split(const struct im_raw_map *map)
{
    /* Relaxed: the lock is acquired. */
    return im_sync_load(&map->shards, memory_order_relaxed) != NULL;
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
    im_map_prefetch_for(shard, type->slot_bytes, hash);
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
        if (im_map_is_spread(write)) {
            im_raw_map_await_split(write, type);
            continue;
        }
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

bool im__map_try_lock_growing(struct im_map_write *write, const struct im_map_type *type, size_t at,
                              struct im_map_shard **busy)
{
    struct im_raw_map *map = write->map;
    for (;;) {
        struct im_map_shard *shards = shards_of(map);
        struct im_map_shard *shard = shards ? &shards[at & map->shard_mask] : &map->first;
        if (!is_growing(shard))
            return false;
        if (!try_lock_for_moments(&shard->lock)) {
            *busy = shard;
            return false;
        }
        enter_locked(write, shard);
        if (im_map_is_spread(write)) {
            /* With changes stopped, which is no circle: who copies does not wait for long. */
            im_raw_map_await_split(write, type);
            continue;
        }
        if (is_growing(shard) && (shards || !is_split(map)))
            return true;
        im_raw_map_unlock(write);
        return false;
    }
}

void im__map_wait_for_shard(struct im_map_shard *shard, const struct im_map_type *type)
{
    lock_offline(&shard->lock, type);
    im_map_lock_give(&shard->lock);
}
