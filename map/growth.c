/* SPDX-License-Identifier: MIT */
/*
 * Replacing a shard's table by another one, mostly a larger one.
 */
#include <map_internal.h>

#include <string.h>

enum {
    GROWTH_BITS = 1,
    /* A table that is less than an eighth full shrinks to a quarter: half full then at most, and far from growth. */
    SPARSE_LOAD_OF_8 = 1,
    SHRINK_BITS = 2,
    /* Smaller tables do not shrink by themselves: 256 slots are not worth it. */
    SHRINK_MIN_BITS = 4,
};

#define TOP_BIT_OF_EACH UINT64_C(0x8080808080808080)

/*
 * As free_slot_in_group(), in a table that is being filled, where whatever is not in use is empty. Word by word: the
 * group would have to wait for the store of the word that was changed for the key before.
 */
static size_t empty_slot_in_group(const struct im_map_table *table, size_t group, uint64_t hash)
{
    const size_t home = im_map_home_slot(hash), word = group * IM_MAP_GROUP_WORDS + home / IM_MAP_WORD_SLOTS;
    /* Relaxed: nobody else has the table. */
    const uint64_t own = im_sync_load(&table->control[word], memory_order_relaxed) & TOP_BIT_OF_EACH;
    const uint64_t from_home = own & UINT64_MAX << 8 * (home % IM_MAP_WORD_SLOTS);
    if (IM_LIKELY(from_home))
        return word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctzll(from_home) / 8;
    const uint64_t other = im_sync_load(&table->control[word ^ 1], memory_order_relaxed) & TOP_BIT_OF_EACH;
    if (other)
        return (word ^ 1) * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctzll(other) / 8;
    return own ? word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctzll(own) / 8 : IM_MAP_NOWHERE;
}

static size_t empty_slot_on_path(const struct im_map_table *table, uint64_t hash)
{
    const size_t group_mask = groups_of(table) - 1;
    struct im_map_probe probe = im_map_probe_start(hash, group_mask);
    size_t slot;
    while ((slot = empty_slot_in_group(table, probe.group, hash)) == IM_MAP_NOWHERE)
        im_map_probe_next(&probe, group_mask);
    return slot;
}

void im__map_copy_slot(const struct im_map_type *type, const void *source, uint64_t hash, struct im_map_table *to)
{
    size_t target = empty_slot_on_path(to, hash);
    void *copy = im_map_slot(to, target, type->slot_bytes);
    /* Plain: nobody changes the source (frozen, or announced), nobody sees the target yet. */
    if (IM_LIKELY(type->slot_bytes == 2 * sizeof(uint64_t)))
        memcpy(copy, source, 2 * sizeof(uint64_t)); /* the commonest size, without a call */
    else
        memcpy(copy, source, type->slot_bytes);
    if (IM_UNLIKELY(to->shadow)) {
        im__map_shadow_fill(to, target);
        im__map_shadow_moved(to, target, source);
    }
    set_control(to, target, im_map_hash_mark(hash));
    to->room--;
}

static void copy_slots(const struct im_map_type *type, uint64_t seed, const struct im_map_table *from,
                       struct im_map_table *to)
{
    FOR_EACH_USED_SLOT(from, slot)
    {
        const void *source = im_map_slot(from, slot, type->slot_bytes);
        im__map_copy_slot(type, source, type->hash_slot(source, seed), to);
    }
}

void im__map_record_growth(struct im_raw_map *map, uint64_t began_ns)
{
    raise_to(&map->longest_pause_ns, im_sync_now_ns() - began_ns);
    im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
}

/* Replace the shard's table by one with so many groups: allocate, copy, publish, leave the old one behind. */
int im__map_rebuild(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits)
{
    struct im_raw_map *map = write->map;
    struct im_map_table *old = im_map_writers_table(write);
    struct im_map_table *new;
    int error = im__map_table_new(map, type, group_bits, &new);
    if (error)
        return error;
    if (!old) {
        publish_table(write->shard, new);
        return 0;
    }

    im__map_table_fault_in(map, type, new);
    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns();
    if (IM_UNLIKELY(old->shadow))
        im__map_shadow_compare_used(old, "when its table was copied");
    if (type->changes_in_place)
        im__map_pause_changes(map, type);
    copy_slots(type, seed_of(map), old, new);
    publish_table(write->shard, new);
    if (type->changes_in_place) {
        im__map_synchronize(map, type);
        im__map_resume_changes(map);
        im__map_end_table(map, type, old, IM_MAP_NO_PART);
    } else {
        im__map_leave_behind(write, type, old, IM_MAP_NO_PART);
    }
    im__map_record_growth(map, began_ns);
    im_sync_cancel_restore(cancel_state);
    return 0;
}

/*
 * Rebuild the table because it has no room: larger, or as large as it is when much of it is deleted and retired
 * slots.
 */
static int rebuild_with_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash)
{
    const struct im_map_table *table = im_map_writers_table(write);
    if (!table)
        return may_split(write) && write->map->wanted_shards > 1 ? im__map_split(write, type, hash)
                                                                 : im__map_rebuild(write, type, 0);
    uint32_t bits = table->group_bits;
    if (length_of(write->shard) >= capacity_of(im_map_slots_of(table)) / 2)
        bits += GROWTH_BITS;
    return bits > IM__MAP_SINGLE_MAX_BITS && may_split(write) ? im__map_split(write, type, hash)
                                                              : im__map_rebuild(write, type, bits);
}

int im_raw_map_make_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t *slot)
{
    for (;;) {
        const struct im_map_table *table = im_map_writers_table(write);
        if (table) {
            *slot = free_slot_on_path(table, hash);
            if (has_room_for(table, *slot))
                return 0;
        }
        int error = rebuild_with_room(write, type, hash);
        if (error)
            return error;
    }
}

void im_raw_map_settle(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_shard *shard = write->shard;
    const struct im_map_table *table = im_map_writers_table(write);
    if (!table || table->group_bits <= SHRINK_MIN_BITS || groups_of(table) <= shard->least_groups ||
        length_of(shard) >= im_map_slots_of(table) / 8 * SPARSE_LOAD_OF_8)
        return;
    (void)im__map_rebuild(write, type, table->group_bits - SHRINK_BITS); /* no memory for it: then not */
}
