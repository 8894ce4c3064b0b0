/* SPDX-License-Identifier: MIT */
/*
 * Walks over all elements.
 */
#include <map_internal.h>

static void enter_table(struct im_map_walk *walk, struct im_map_view view)
{
    walk->table = view.table;
    walk->words = (view.group_mask + IM_MAP_GROUP_SLOTS) / IM_MAP_WORD_SLOTS;
    walk->word = 0;
    walk->slots = 0;
    /* Acquire: what is counted as done is seen; pairs with the release in end_retirement(). */
    walk->first_move = im_sync_load(&view.table->retirements, memory_order_acquire) / 2;
}

/*
 * The tables in which the shard's keys lie now, of which the walk's `first` and `last` are told. The former may be none.
 * Whatever comes to later ones is inserted meanwhile, or copied.
 */
static void enter_shard(struct im_map_walk *walk)
{
    uintptr_t newest;
    /* Acquire: the table is filled; pairs with the release in publish_table(). */
    walk->first = im_sync_load(&walk->shard->table, memory_order_acquire);
    for (;;) {
        /* Acquire: where growth is finished, or the shard was emptied, it has another table, which is seen; pairs with the
         * releases in collapse() (growth.c) and im_raw_map_detach(). */
        newest = im_sync_load(&walk->shard->newest, memory_order_acquire);
        const uintptr_t again = im_sync_load(&walk->shard->table, memory_order_acquire);
        if (again == walk->first)
            break;
        walk->first = again;
    }
    walk->last = im_map_view(newest ? newest : walk->first).table;
}

bool im_raw_map_walk_enter(struct im_map_walk *walk)
{
    const struct im_raw_map *map = walk->map;
    /* Once, for all shards: a map that is split meanwhile is walked as it was. */
    if (walk->entered == 0)
        walk->shards = shards_of(map);
    const size_t count = shard_count(map, walk->shards);
    for (; walk->entered < count; walk->entered++) {
        walk->shard = walk->shards ? &walk->shards[walk->entered] : &map->first;
        enter_shard(walk);
        if (!walk->first)
            continue;
        walk->entered++;
        enter_table(walk, im_map_view(walk->first));
        return true;
    }
    return false;
}

static unsigned slot_bit(size_t slot, size_t word)
{
    return slot / IM_MAP_WORD_SLOTS == word ? 1u << slot % IM_MAP_WORD_SLOTS : 0;
}

/* The slots of a word that were in use when the shard was entered, from those that are now. */
static unsigned without_moves(const struct im_map_walk *walk, size_t word, unsigned slots, size_t end)
{
    const struct im_map_table *table = walk->table;
    unsigned moved_from = 0, moved_to = 0;
    for (size_t i = walk->first_move; i < end; i++) {
        const struct im_map_retired *move = &table->retired[i % table->retired_limit];
        if (move->moved_to == IM_MAP_NOWHERE)
            continue;
        moved_from |= slot_bit(move->slot, word);
        moved_to |= slot_bit(move->moved_to, word);
    }
    return (slots | moved_from) & ~moved_to;
}

size_t im_raw_map_walk_next(struct im_map_walk *walk)
{
    const struct im_map_table *table = walk->table;
    while (!walk->slots) {
        if (walk->word == walk->words) {
            const struct im_map_view newer = newer_view(table);
            if (table == walk->last || !newer.table)
                return IM_MAP_NOWHERE;
            enter_table(walk, newer);
            table = newer.table;
            continue;
        }
        /* Acquire: as in im_map_group_load(). */
        uint64_t bytes = im_sync_load(&table->control[walk->word], memory_order_acquire);
        walk->slots = im_map_word_match_full(bytes);
        /* Acquire: the entries of the log are there; pairs with the release in log_retirement(), which came before the
         * control bytes changed. */
        size_t end = (im_sync_load(&table->retirements, memory_order_acquire) + 1) / 2;
        if (IM_UNLIKELY(end != walk->first_move))
            walk->slots = without_moves(walk, walk->word, walk->slots, end);
        walk->word++;
    }
    unsigned slot = (unsigned)__builtin_ctz(walk->slots);
    walk->slots &= walk->slots - 1;
    return (walk->word - 1) * IM_MAP_WORD_SLOTS + slot;
}
