/* SPDX-License-Identifier: MIT */
/*
 * What a change of a key does to its shard.
 */
#include <map_internal.h>

#include <sys/random.h>

/* Drawn at the first change, so that a zeroed map is valid. Without entropy it is a fixed one: still a correct map. */
static uint64_t new_seed(void)
{
    uint64_t seed;
    int saved_errno = errno;
    int cancel_state = im_sync_cancel_disable();
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed || seed == 0)
        seed = UINT64_C(0x9e3779b97f4a7c15);
    im_sync_cancel_restore(cancel_state);
    errno = saved_errno;
    return seed;
}

uint64_t im_raw_map_draw_seed(struct im_raw_map *map, const struct im_map_type *type)
{
    lock_offline(&map->first.lock, type);
    /* Relaxed: readers look at it after they acquired a table, or the shards, that were published after it. */
    uint64_t seed = seed_of(map);
    if (!seed)
        im_sync_store(&map->seed, seed = new_seed(), memory_order_relaxed);
    im_map_lock_give(&map->first.lock);
    return seed;
}

void im_raw_map_write_end(struct im_map_write *write, const struct im_map_type *type)
{
    if (write->shard) {
        if (IM_UNLIKELY(write->map->synchronous))
            im_raw_map_reclaim(write, type);
        im_raw_map_unlock(write);
    }
    write->waits |= write->map->synchronous;
    /* Relaxed: whether it is worth a closer look. */
    const bool has_awaited = im_sync_load(&write->map->awaited, memory_order_relaxed);
    if (write->left_too_much_behind || write->starts || write->grows || write->waits || write->page_work || has_awaited)
        im__map_clean_up_behind(write, type);
    im_sync_nesting()->depth--;
}

IM_COLD int im_raw_map_write_end_fully(struct im_raw_map *map, struct im_map_shard *shard,
                                       const struct im_map_type *type, int result)
{
    struct im_map_write write = {.map = map, .shard = shard};
    im_raw_map_write_end(&write, type);
    return result;
}

IM_COLD int im_raw_map_write_end_and_wake(struct im_map_shard *shard, int result)
{
    im_map_lock_wake(&shard->lock);
    return result;
}

void im_raw_map_shadow(const struct im_map_table *table, size_t slot)
{
    im__map_shadow_fill(table, slot);
}

/* The log of I5: an entry is written before the control bytes change, and counted as done after. */
static void log_retirement(struct im_map_table *table, size_t slot, size_t moved_to, enum im_map_parts drop)
{
    size_t retirements = im_sync_load(&table->retirements, memory_order_relaxed);
    table->retired[retirements / 2 % table->retired_limit] = (struct im_map_retired){slot, moved_to, drop};
    /* Release: the entry is there; pairs with the acquires in im_raw_map_walk_enter() and _next(). */
    im_sync_store(&table->retirements, retirements + 1, memory_order_release);
}

static void end_retirement(struct im_map_table *table)
{
    size_t retirements = im_sync_load(&table->retirements, memory_order_relaxed);
    /* Release: the control bytes are changed; pairs with the acquire in im_raw_map_walk_enter(). */
    im_sync_store(&table->retirements, retirements + 1, memory_order_release);
}

void im_raw_map_publish_instead(struct im_map_write *write, size_t slot, uint64_t hash, size_t old,
                                enum im_map_parts drop)
{
    struct im_map_shard *shard = write->shard;
    struct im_map_table *table = write->table;
    take_slot(table, slot);
    if (IM_UNLIKELY(table->shadow))
        im__map_shadow_fill(table, slot);
    log_retirement(table, old, slot, drop);
    if (slot / IM_MAP_WORD_SLOTS == old / IM_MAP_WORD_SLOTS) {
        uint64_t *word = &table->control[slot / IM_MAP_WORD_SLOTS];
        uint64_t both = word_with(im_sync_load(word, memory_order_relaxed), slot, im_map_hash_mark(hash));
        /* Release: as in set_control(). */
        im_sync_store(word, word_with(both, old, IM_MAP_RETIRED), memory_order_release);
    } else {
        /* Release, both (I3): pair with the acquire of `moves` at the start of a search, which then sees the old slot
         * in use after the first and the new one after the second. Who acquires a control word sees the count that came
         * before it. */
        uint64_t moves = im_sync_load(&shard->moves, memory_order_relaxed);
        im_sync_store(&shard->moves, moves + 1, memory_order_release);
        set_control(table, slot, im_map_hash_mark(hash));
        im_sync_store(&shard->moves, moves + 2, memory_order_release);
        set_control(table, old, IM_MAP_RETIRED);
    }
    end_retirement(table);
}

static bool is_free(uint8_t byte)
{
    return byte == IM_MAP_EMPTY || byte == IM_MAP_DELETED;
}

static size_t free_slot_in_word(const struct im_map_table *table, size_t near)
{
    size_t start = near - near % IM_MAP_WORD_SLOTS;
    for (size_t slot = start; slot < start + IM_MAP_WORD_SLOTS; slot++) {
        if (is_free(im_map_control_byte(table, slot)))
            return slot;
    }
    return IM_MAP_NOWHERE;
}

int im_raw_map_make_room_near(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t near,
                              size_t *slot)
{
    const struct im_map_table *table = write->table;
    *slot = free_slot_in_word(table, near);
    if (*slot != IM_MAP_NOWHERE && has_room_for(table, *slot))
        return 0;
    return im__map_make_room_at_once(write, type, hash, slot);
}

void im_raw_map_retire(struct im_map_write *write, size_t slot, enum im_map_parts drop)
{
    struct im_map_table *table = write->table;
    log_retirement(table, slot, IM_MAP_NOWHERE, drop);
    set_control(table, slot, IM_MAP_RETIRED);
    end_retirement(table);
    add_length(write->shard, (size_t)-1);
}
