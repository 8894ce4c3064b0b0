/* SPDX-License-Identifier: MIT */
/*
 * Pictures of a map.
 */
#include <map_internal.h>

/* Add what a shard has; false: its tables were replaced meanwhile. */
static bool add_shard(struct im_map_stats *stats, const struct im_map_shard *shard)
{
    const struct im_map_table *first = view_of(shard).table, *last = first;
    struct im_map_stats sum = *stats;
    for (const struct im_map_table *table = first; table; table = newer_view(table).table) {
        last = table;
        sum.retired += retired_count_of(table);
        sum.deleted += im_sync_load(&table->deleted, memory_order_relaxed);
    }
    if (last) {
        /* Acquire: where there is none any more the shard has another table, which is seen; pairs with the release in
         * publish_whole() (shards.c). */
        const uintptr_t whole = im_sync_load(&last->whole, memory_order_acquire);
        sum.capacity += capacity_in(whole ? im_map_bits_of_word(whole) : last->group_bits);
    }
    if (view_of(shard).table != first)
        return false;
    *stats = sum;
    return true;
}

struct im_map_stats im_raw_map_stats(const struct im_raw_map *map)
{
    /* Relaxed: numbers that may be old when they arrive, and of different moments. */
    uint64_t began_ns = im_sync_load(&map->grace_began_ns, memory_order_relaxed);
    uint64_t now_ns = began_ns ? im_sync_now_ns() : 0;
    const struct im_map_shard *shards = shards_of(map);
    struct im_map_stats stats = {
        .length = im_raw_map_length(map),
        .shards = shard_count(map, shards),
        .left_behind_bytes = im_sync_load(&map->left_behind_bytes, memory_order_relaxed),
        .growths = im_sync_load(&map->growths, memory_order_relaxed),
        .longest_pause_ns = im_sync_load(&map->longest_pause_ns, memory_order_relaxed),
        .longest_grace_ns = im_sync_load(&map->longest_grace_ns, memory_order_relaxed),
        .waiting_ns = now_ns > began_ns ? now_ns - began_ns : 0,
        .stalls = im_sync_load(&map->stalls, memory_order_relaxed),
    };
    const size_t bytes = im_sync_load(&map->bytes, memory_order_relaxed);
    stats.bytes = bytes > stats.left_behind_bytes ? bytes - stats.left_behind_bytes : 0;
    for (size_t i = 0; i < stats.shards; i++) {
        while (!add_shard(&stats, shards ? &shards[i] : &map->first))
            continue;
    }
    return stats;
}

/* The groups that a search for a key looks at before it finds the group where it lies. */
static size_t groups_to(size_t group, uint64_t hash, size_t group_mask)
{
    struct im_map_probe probe = im_map_probe_start(hash, group_mask);
    size_t groups = 1;
    for (; probe.group != group; groups++)
        im_map_probe_next(&probe, group_mask);
    return groups;
}

struct im_map_probe_stats im_raw_map_probe_stats(const struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_probe_stats stats = {0};
    struct im_map_walk walk = {.map = map};
    while (im_raw_map_walk_enter(&walk)) {
        size_t slot;
        while ((slot = im_raw_map_walk_next(&walk)) != IM_MAP_NOWHERE) {
            uint64_t hash = type->hash_slot(map, im_map_slot(walk.table, slot, type->slot_bytes), seed_of(map));
            size_t groups =
                groups_to(slot / IM_MAP_GROUP_SLOTS, hash, im_map_slots_of(walk.table) - IM_MAP_GROUP_SLOTS);
            stats.keys++;
            stats.groups += groups;
            stats.longest = groups > stats.longest ? groups : stats.longest;
        }
    }
    return stats;
}
