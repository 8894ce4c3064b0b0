/* SPDX-License-Identifier: MIT */
/*
 * Walks over all elements.
 */
#include <map_internal.h>

bool im_raw_map_walk_enter(struct im_map_walk *walk)
{
    const struct im_raw_map *map = walk->map;
    /* Once, for all shards: a map that is split meanwhile is walked as it was. */
    if (walk->entered == 0)
        walk->shards = shards_of(map);
    const size_t count = shard_count(map, walk->shards);
    for (; walk->entered < count; walk->entered++) {
        const struct im_map_view view = view_of(walk->shards ? &walk->shards[walk->entered] : &map->first);
        if (!view.table)
            continue;
        walk->entered++;
        walk->table = view.table;
        walk->words = (view.group_mask + 1) * IM_MAP_GROUP_WORDS;
        walk->word = 0;
        walk->slots = 0;
        /* Acquire: what is counted as done is seen; pairs with the release in end_retirement(). */
        walk->first_move = im_sync_load(&view.table->retirements, memory_order_acquire) / 2;
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
        if (walk->word == walk->words)
            return IM_MAP_NOWHERE;
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
