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
    /* Fewer keys are copied with the lock, some 0.2 ms; up to so many if another pass would leave more than half of them. */
    COPIED_LOCKED_KEYS = 1 << 12,
    MOST_COPIED_LOCKED_KEYS = 1 << 14,
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

/* Keys of one shard that are copied to others, which nobody sees before all are there. */
struct copying {
    struct im_raw_map *map;
    const struct im_map_type *type;
    struct im_map_shard *from;
    const struct im_map_table *last; /* of its tables; NULL: all of them */
    struct im_map_shard *to;
    uint32_t to_mask; /* how many these are, less one */
};

/* The tables whose keys are copied, for who may be without the lock. */
#define FOR_EACH_OLD_TABLE(copying, old)                               \
    for (struct im_map_table *old = first_table((copying)->from); old; \
         old = old == (copying)->last ? NULL : newer_view(old).table)

static struct im_map_shard *shard_for(const struct copying *copying, uint64_t hash)
{
    return &copying->to[im_map_shard_index(hash, copying->to_mask)];
}

/* Give each shard a table with room for what belongs there of the first one, and half as much again. */
static int make_tables(const struct copying *copying)
{
    struct im_raw_map *map = copying->map;
    const struct im_map_type *type = copying->type;
    FOR_EACH_OLD_TABLE(copying, old)
    FOR_EACH_SLOT_TO_COPY(old, slot)
    {
        uint64_t hash = type->hash_slot(map, im_map_slot(old, slot, type->slot_bytes), seed_of(map));
        add_length(shard_for(copying, hash), 1);
    }
    for (size_t i = 0; i <= copying->to_mask; i++) {
        struct im_map_shard *shard = &copying->to[i];
        uint32_t bits = 0;
        struct im_map_table *table;
        int error = im__map_bits_for(length_of(shard) / 2 * 3, &bits);
        if (!error)
            error = im__map_table_new_for_split(map, type, bits, &table);
        if (error)
            return error;
        im_sync_store(&shard->table, word_of(table), memory_order_relaxed);
        im_sync_store(&shard->length, 0, memory_order_relaxed);
    }
    return 0;
}

/* For one more key in a shard that nobody sees yet. */
static int make_room_in(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shard)
{
    struct im_map_table *old = first_table(shard), *new;
    if (IM_LIKELY(old->room > 0))
        return 0;
    int error = im__map_table_new_for_split(map, type, old->group_bits + 1u, &new);
    if (error)
        return error;
    im__map_copy_slots(map, type, old, new);
    im_sync_store(&shard->table, word_of(new), memory_order_relaxed);
    im__map_table_free(map, type, old);
    return 0;
}

/* Copy what was not copied yet of one table; how many keys that were is added to `*keys`. */
static int copy_table(const struct copying *copying, const struct im_map_table *old, size_t *keys)
{
    const struct im_map_type *type = copying->type;
    const uint64_t seed = seed_of(copying->map);
    FOR_EACH_SLOT_TO_COPY(old, slot)
    {
        const void *source = im_map_slot(old, slot, type->slot_bytes);
        const uint64_t hash = type->hash_slot(copying->map, source, seed);
        struct im_map_shard *shard = shard_for(copying, hash);
        int error = make_room_in(copying->map, type, shard);
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

/* Copy the rest, with the shard locked. */
static int copy_rest(const struct copying *copying)
{
    size_t keys = 0;
    int error = 0;
    FOR_EACH_OLD_TABLE(copying, old)
    {
        if (IM_UNLIKELY(old->shadow))
            im__map_shadow_compare_used(old, "when its table was copied");
        if (!error)
            error = copy_table(copying, old, &keys);
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
    const struct copying copying = {map, type, &map->first, NULL, shards, map->split_mask};
    int error = has_keys ? make_tables(&copying) : 0;
    if (!error)
        error = copy_rest(&copying);
    if (error) {
        im__map_shards_free(map, type, shards, new_shard_count(map));
        return error;
    }

    int cancel_state = im_sync_cancel_disable();
    struct im_map_shard *own = hash ? shard_for(&copying, *hash) : write->shard;
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

/* ---- Copying without the lock (I8) ---- */

/* Which slots of a table were copied: none so far. Without memory for it the table is copied with the lock. */
static void remember_copies(const struct im_raw_map *map, struct im_map_table *table)
{
    const size_t words = groups_of(table) * IM_MAP_GROUP_WORDS;
    if (!table->copied)
        table->copied = im_allocate(map->allocator, words, 1);
    if (table->copied)
        memset(table->copied, 0, words);
}

static void forget_copies(const struct copying *copying)
{
    FOR_EACH_OLD_TABLE(copying, old)
    {
        im_release(copying->map->allocator, old->copied, groups_of(old) * IM_MAP_GROUP_WORDS);
        old->copied = NULL;
    }
}

/*
 * Whether to copy the rest without the lock, too: if that is not small, and is about to be, since the pass before has made it
 * less. Who inserts at full speed may be faster than the copy to new memory, and changes are stopped as long as it goes on.
 */
static bool is_worth_a_pass(size_t rest, size_t rest_before)
{
    const size_t most = rest > MOST_COPIED_LOCKED_KEYS ? rest_before / 8 * 7 : rest_before / 2;
    return rest > COPIED_LOCKED_KEYS && rest <= most;
}

/* Without the lock: the tables that are there now, and no more, or who inserts faster than this copies had it go on for ever. */
static struct copying pass_of(const struct copying *copying)
{
    struct copying pass = *copying;
    if (!pass.last)
        pass.last = newest_table(pass.from);
    return pass;
}

/* Without the lock: all keys, then those that came meanwhile, pass by pass. */
static int copy_beside(const struct copying *copying)
{
    int error = 0;
    size_t copied = 0, rest = length_of(copying->from), rest_before, length;
    do {
        const struct copying pass = pass_of(copying);
        FOR_EACH_OLD_TABLE(&pass, old)
        {
            if (!old->copied)
                remember_copies(copying->map, old);
            if (old->copied && !error)
                error = copy_table(copying, old, &copied);
        }
        rest_before = rest;
        length = length_of(copying->from);
        rest = length > copied ? length - copied : 0;
    } while (!error && is_worth_a_pass(rest, rest_before));
    return error;
}

/*
 * Lock the shard, with changes stopped: its holder may be in a callback, which may wait for one who waits until they go on.
 * So the patience has an end.
 */
static bool lock_patiently(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shard)
{
    bool locked = try_lock_for_moments(&shard->lock);
    if (!locked && PATIENCE_NS > 0) {
        const uint64_t until_ns = im_sync_now_ns() + PATIENCE_NS;
        const bool was_online = type->rcu->offline();
        while (!locked && im_sync_now_ns() < until_ns) {
            im_sync_wait(&shard->is_spread, im__map_process(), im_sync_now_ns() + NAP_NS);
            locked = im_map_lock_try(&shard->lock);
        }
        if (was_online)
            type->rcu->online();
    }
    if (locked)
        enter_locked(write, shard);
    return locked;
}

/* Let the shard go: it gets new keys, and no other change, until let_changes_go_on(), or in the child of a fork(). */
static void spread(struct im_map_write *write)
{
    /* Relaxed: who looks has the lock, but for those who sleep on it, and look again with the lock. */
    im_sync_store(&write->shard->is_spread, im__map_process(), memory_order_relaxed);
    im_raw_map_unlock(write);
}

/* With the lock, or without it when nothing came of the copy. */
static void let_changes_go_on(struct im_map_shard *shard)
{
    /* Release: who changes the shard now does so after it was read; pairs with the acquire in im_map_is_spread(). */
    im_sync_store(&shard->is_spread, 0, memory_order_release);
    im_sync_wake(&shard->is_spread, IM_SYNC_ALL);
}

/* Let the first shard go, and have it again. EBUSY: it is not locked. */
static int copy_to_shards(struct im_map_write *write, const struct copying *copying)
{
    spread(write);
    const struct copying pass = pass_of(copying);
    int error = make_tables(&pass);
    if (!error)
        error = copy_beside(copying);
    return lock_patiently(write, copying->type, copying->from) ? error : EBUSY;
}

/*
 * As im__map_split(), of a growing shard whose values change in place, while nobody changes them. Most is copied without
 * the lock. Not so in the checked build: what it knows of values moves with them, at once. EBUSY: the first shard, as it
 * was, is not locked any more, since another has kept it locked.
 */
int im__map_split_by_and_by(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    struct im_map_shard *shards = shards_new(map);
    if (!shards)
        return ENOMEM;
    const struct copying copying = {map, type, &map->first, NULL, shards, map->split_mask};
    int error = type->check ? make_tables(&copying) : copy_to_shards(write, &copying);
    const uint64_t began_ns = im_sync_now_ns();
    if (!error)
        error = copy_rest(&copying);
    forget_copies(&copying);
    if (error) {
        im__map_shards_free(map, type, shards, new_shard_count(map));
    } else {
        publish_shards(write, type, shards);
        im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
        im__map_record_pause(map, began_ns);
    }
    let_changes_go_on(&map->first);
    return error;
}

/* Publish the table that has all keys of the first two, which are left behind. New keys may go to a third one already. */
static void publish_whole(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *aside)
{
    struct im_map_shard *shard = write->shard;
    struct im_map_table *old = first_table(shard), *whole = im_map_view(whole_of(aside)).table;
    const uintptr_t newer = im_sync_load(&aside->newer, memory_order_relaxed);
    im_sync_store(&whole->newer, newer, memory_order_relaxed);
    publish_table(shard, whole);
    /* Release: who finds it gone finds the shard's new table; pairs with the acquire in im_raw_map_stats(). */
    im_sync_store(&aside->whole, 0, memory_order_release);
    if (!newer)
        end_row(shard);
    im__map_leave_behind(write, type, old, IM_MAP_NO_PART);
    im__map_leave_behind(write, type, aside, IM_MAP_NO_PART);
}

int im__map_finish_aside(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    struct im_map_shard *shard = write->shard, target = {0};
    struct im_map_table *aside = im_map_newer_table(first_table(shard));
    const struct copying copying = {map, type, shard, aside, &target, 0};
    im_sync_store(&target.table, whole_of(aside), memory_order_relaxed);
    spread(write);
    /* Only now, and with nothing in it from a copy that came to nothing. */
    im__map_table_make_ready(map, type, whole_of(aside));
    /* The whole table has room for all (I6): there is no error. */
    (void)copy_beside(&copying);
    const bool locked = lock_patiently(write, type, shard);
    const uint64_t began_ns = im_sync_now_ns();
    if (locked)
        (void)copy_rest(&copying);
    forget_copies(&copying);
    if (locked) {
        publish_whole(write, type, aside);
        im__map_record_pause(map, began_ns);
    }
    let_changes_go_on(shard);
    return locked ? 0 : EBUSY;
}

/*
 * Of a locked shard whose copy was begun before a fork(), by a thread that the child does not have: nobody has seen the copy,
 * and the next one begins anew.
 */
static void forget_copy_of_parent(struct im_map_write *write, const struct im_map_type *type)
{
    forget_copies(&(struct copying){.map = write->map, .type = type, .from = write->shard});
    let_changes_go_on(write->shard);
}

void im_raw_map_await_copy(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_shard *shard = write->shard;
    const uint32_t here = im__map_process();
    /* Relaxed: nobody here writes the number of another process. 0: it is over, since the caller looked. */
    const uint32_t copier = im_sync_load(&shard->is_spread, memory_order_relaxed);
    if (IM_UNLIKELY(copier && copier != here))
        forget_copy_of_parent(write, type);
    im_raw_map_unlock(write);
    const bool was_online = type->rcu->offline();
    /* Relaxed: who waited looks again with the lock. */
    while (im_sync_load(&shard->is_spread, memory_order_relaxed))
        im_sync_wait(&shard->is_spread, here, IM_SYNC_FOREVER);
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
    lock_shard(write, type, &shards[im_map_shard_index(hash, map->shard_mask)]);
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
            im_raw_map_await_copy(write, type);
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
            im_raw_map_await_copy(write, type);
            continue;
        }
        if (is_growing(shard) && (shards || !is_split(map)))
            return true;
        im_raw_map_unlock(write);
        return false;
    }
}

bool im__map_is_unlocked_for_a_moment(struct im_map_shard *shard)
{
    const bool locked = try_lock_for_moments(&shard->lock);
    if (locked)
        im_map_lock_give(&shard->lock);
    return locked;
}

void im__map_wait_for_shard(struct im_map_shard *shard, const struct im_map_type *type)
{
    lock_offline(&shard->lock, type);
    im_map_lock_give(&shard->lock);
}
