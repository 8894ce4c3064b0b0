/* SPDX-License-Identifier: MIT */
/*
 * How the map works, and why it is right.
 *
 * A map is a row of shards, each with a table and a lock; some bits of a key's hash say which shard it belongs to. A
 * small map is one shard, which lies in the map itself, and is split once: when its table would get large, or when
 * writers have waited for its lock many times.
 *
 * A table has groups of sixteen slots, each with a control byte (map_group.h); memory.c tells where it lies. A key lives
 * in the first group on its probe path that had a free slot when it came; a search follows the path and ends at a group
 * with an empty slot. One writer at a time changes a shard, under its lock; readers take no lock and never write to the
 * map.
 *
 * Invariants, all kept by the writer:
 *
 *   I1  A slot is filled before its control byte says so (release), and does not change, but for values that change in
 *       place, until a grace period after its byte said otherwise. So a reader that acquired "in use" inside its read
 *       section reads plain memory that nobody writes.
 *   I2  A group that was ever full never gets an empty slot again: its slots become DELETED instead. So a group with an
 *       empty slot was never passed by a key on its way, and a search may end there.
 *   I3  A key is in use in at most one slot, but for the moment in which a replacement is published: then the old slot
 *       goes right after. In one control word both change in one store. In different words, `moves` is counted before
 *       the new slot is published, and again before the old one is retired; a search reads it before and after, and
 *       looks again if it changed. Without the second count a search that passed the new slot too early and the old one
 *       too late would find nothing. Without the first, one that passed the old slot before it was ever filled could
 *       find the new value, and a later search, meeting the old slot first, the old value. As it is, a search that
 *       finds the new slot began after the first count, hence would have met the old slot while it was in use, if that
 *       comes first on the path.
 *   I4  A retired slot is not reused before a grace period: a reader may still compare its key or hold its value.
 *   I5  Each retirement is logged, with the slot that the key moved to, before any control byte changes (`retirements`
 *       becomes odd), and counted as done after (even). By I4 an entry stays in the log as long as a read section that
 *       began before it was counted as done.
 *
 * Growth: allocate, copy, publish the new table. A reader has one of the two tables for the length of its search; a
 * search in the old one began before the new one was published, so whatever changes there from then on is at the same
 * time as that search. The old table is left behind on a list of the map, and freed, without ending the keys and values
 * which live on in the new one, after a grace period. When much is waiting a thread of the map's own, the helper, waits
 * for that and frees them; tables that end with a callback, or of another allocator than the C library's, it hands to the
 * next writer (`awaited`), whose release and acquire carry on what the grace period promised. When the helper falls far
 * behind writers wait themselves, with nothing locked. When there is no room to log one more retirement, a small table is
 * replaced by a copy in the same way. Others ask the helper for a round when half of the log is used: it is known by its
 * number, and what was retired before (`awaited`) is free when it has ended, which the next removals look at. Why that is
 * so: who asks, and who begins or ends a round, change one word. If the first comes first in its order, the round sees the
 * retirement, and so does each section that begins after that round's grace period, which waits for all others. If not, it
 * reads the number of the round that is under way, and waits for the next. Whoever sees the number ended has acquired
 * what those readers released. A log that is full before that waits for a grace period of its own: so nothing depends
 * on the helper, on a thread that can be started, or on the number, which a fork() or 510 rounds may make look as if it were
 * still to come, but nothing makes it look as if it had ended.
 *
 * Values that change in place (type->changes_in_place) are copied when nobody changes them, or changes are lost. So their
 * growth is in two parts, and the shard has a row of tables in between:
 *
 *   I6  The row begins at the shard's `table`, goes on by each table's `newer`, and ends at `newest`, which is 0 while there
 *       is one table only. New keys go to the last one; all others stay where they are. Each key is in use in one of
 *       them. The last one has room for all keys of the others (`reserved`), or, in large tables, a `whole` one, which nobody
 *       else sees, and which has room for all keys that it and those before it can have. That is memory that nobody has
 *       touched, until growth is being finished. If new keys have taken the rest, the row gets one more table. So no insert
 *       waits for anything, nor for the pages of a large table. Behind a table without a whole one are none that have one.
 *       But the row of a map that is to be split could get longer faster than the helper copies it, and what came last is
 *       copied with the lock: so a large table of that row gives its room in portions (`withheld`), and who takes one sleeps
 *       a little when he has unlocked.
 *   I7  Growth is finished, by whoever it is (the helper, or a writer where there can be none), under the shard's lock and
 *       with nobody changing values: `phase` was counted up, and then a grace period passed. Sections that may change
 *       values do not begin while it is not 0, and all that began before are over. What lies in the older tables is copied
 *       to the last one; that becomes `table`; then `newest` becomes 0. The older ones stay as they were, with their links,
 *       until a grace period after they were left behind.
 *       Who finishes does not wait for a lock while `phase` is up: its holder may be in a callback, which may wait for one
 *       who waits for `phase`. He lowers it, waits then, and begins anew.
 *
 *   I8  When the growth of a large table is finished (a `whole` one), or the first shard is split, most is copied without
 *       the shard's lock, or inserts would wait for the copy of all its keys. Meanwhile its `is_spread` is set, under the
 *       lock, and its row gets new keys, in new tables where needed, but nothing that is in use there changes or goes:
 *       whoever wants that unlocks, and waits until it is over, and so does who would run a callback of a decision with the
 *       lock, which may take long.
 *       So who copies has, pass by pass, the slots that were not in use the time before, of the tables that are there when
 *       the pass begins; the last few he copies with the lock, or all that came in a pass if keys come faster than they are
 *       copied, and publishes. Until then nobody else sees the new tables. No memory: what the shards had is thrown away, and
 *       the growth is finished in one shard. No lock, though he waits for a while (`phase` is up, and an insert may own a
 *       key or drop one, which are callbacks too): what was copied is thrown away, and he lowers `phase` and begins anew, as
 *       in I7.
 *       A whole table becomes `table` as the last one does in I7, in place of the first two of the row. If there are further
 *       ones by then, the last of them stays `newest`: this is a row as I6 has it, to be finished next.
 *
 *   I9  Frozen values are copied to large tables in the same way (I6, I8), in a map that keeps its number of shards; all else
 *       at once. Nobody changes what is copied, so there is no `phase` to count, and no grace period to wait for. In a row
 *       keys come and go, but none is replaced: that would go to another table, and a walk along the row, or a search,
 *       could meet both slots or none. Who replaces finishes the growth first; in another table than the whole one, with
 *       the lock, where that waits for pages. So within a row `moves` stays as it is, and says by its top bit that there
 *       is a row: set (release) before a key is in the second table, taken away and counted (release) after the table
 *       is published that has all.
 *
 * A search for a frozen value reads `moves`, then `table`, and `moves` again at the end. If that is the same it has what it
 * found, or there is no such key; but where there is a row, and the key not in `table`, it goes on to the next tables, and
 * looks at `moves` once more. It misses no key that was there when it began: had the key gone to a newer table, the first
 * look would see the row; or see it gone, and then the new `table`. A search during which a row began or ended begins anew,
 * since in the other table keys may have been replaced by then.
 *
 * Of values that change in place a search that finds its key in `table` has it. One that does not looks whether there are
 * more tables, or whether `table` has just been replaced, and goes along the row. It misses no key that was there when it
 * began: had the key gone to a newer table, the search would see `newest` set; or set and 0 again, and then the new
 * `table`, which was published before. The old one cannot be `table` again as long as the search is in its section.
 *
 * Nobody sees a value in an old table after a change in the new one that he knows of: sections that may change values wait
 * for `phase`, and who sees it down sees the new table. get has a table for one search, which began before the new one was
 * published. A walk over atomic values, which does not look at `phase`, looks after each value that it copied whether
 * its table is still the shard's; if not it searches the key anew. A change that came before the copy was made after the
 * publication, so that the look sees it.
 *
 * Who finds `phase` up leaves its read section before it sleeps: otherwise the writer would wait for it and it for
 * the writer. `phase` is the map's, since a section may look at any key; that it counts lets several have it up at the same
 * time. Decisions about a value (compute, remove_if, retain) hold `deciding` while they have it up, so that it comes
 * down between them, and changes go on.
 *
 * The split is a growth into many tables: their array is published last, by one store. The first shard's old tables
 * stay where they are in the map, not looked at by anybody who sees the array. A writer that waited for the first shard's
 * lock meanwhile looks again which shard is its own. Of values that change in place it is how a growth of the first shard is
 * finished when that has become large, or when it was asked for (I8).
 *
 * A walk (for_each) shows each key that stays exactly once, though replacements move it: it shows what was in use when
 * the shard was entered. Of a key that moved since, that is the slot in which it lay then: retired now, but unchanged
 * (I4). The log says which those are, and which slots are moved-to since, to be passed over. A move that was under way
 * when the shard was entered counts as one since: its `retirements` was odd. In a row of tables it goes from that which was
 * `table` to that which was the last one when the shard was entered, and passes over the keys that a search finds in one
 * of the tables before: those are copies.
 *
 * Cancellation: whatever is a cancellation point and runs under a lock (grace periods, drawing the seed, callbacks)
 * is shielded from it; to shield every change would cost each 40 ns.
 *
 * Progress: searches are lock-free, and wait-free while no key is replaced in their shard, and no growth of frozen values
 * begins or ends there; writers of a shard wait for each other, for the copy that a growth is, for a grace period when a log
 * fills up before the helper has had one, and for one whenever a value that readers may still change or look at is handed
 * out.
 *
 * Sources: the RCU map of "Interior mutability and safety of ownership transfer in Rust", Rust Internals forum, March
 * 2026; abseil's SwissTable (layout); P. McKenney, "Is Parallel Programming Hard", chapter 9 (RCU).
 */
#include <map_internal.h>

struct im_map_table *im_raw_map_detach(struct im_map_write *write)
{
    struct im_map_table *table = first_table(write->shard);
    /* Relaxed: nothing to look at. */
    im_sync_store(&write->shard->table, 0, memory_order_relaxed);
    if (is_growing(write->shard))
        end_row(write->shard);
    im_sync_store(&write->shard->length, 0, memory_order_relaxed);
    if (IM_UNLIKELY(im_sync_load(&write->map->page_work, memory_order_relaxed)))
        im__map_memory_expect_none(write->map);
    write->table = NULL;
    return table;
}

/* The same, to be ended later. */
static void leave_all_behind(struct im_map_write *write, const struct im_map_type *type, enum im_map_parts ends)
{
    struct im_map_table *next;
    for (struct im_map_table *table = im_raw_map_detach(write); table; table = next) {
        next = im_map_newer_table(table);
        im__map_leave_behind(write, type, table, ends);
    }
}

void im_raw_map_await_readers(struct im_map_write *write, const struct im_map_type *type)
{
    im__map_synchronize(write->map, type);
}

void im_raw_map_end_table(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                          enum im_map_parts drop)
{
    im__map_end_table(write->map, type, table, drop);
}

void im_raw_map_init(struct im_raw_map *map, const struct im_map_options *options)
{
    const struct im_map_options none = {0};
    options = options ? options : &none;
    *map = (struct im_raw_map){.context = options->context,
                               .allocator = options->allocator,
                               .wanted_shards = options->shards,
                               .synchronous = options->synchronous};
}

/* Room for `additional` more keys in a locked shard; `least` of them are to stay when it shrinks. */
static int reserve_in_shard(struct im_map_write *write, const struct im_map_type *type, size_t additional)
{
    struct im_map_shard *shard = write->shard;
    const struct im_map_table *table = newest_table(shard);
    size_t length, room = table ? table->room + table->withheld : 0;
    uint32_t bits;
    if (table && whole_of(table)) {
        room = capacity_in(whole_bits_of(table)) - length_of(shard);
        /* When its growth is finished. */
        write->grows = true;
    }
    if (__builtin_add_overflow(length_of(shard), additional, &length) || im__map_bits_for(length, &bits))
        return EOVERFLOW;
    if (table && whole_bits_of(table) > bits)
        bits = whole_bits_of(table);
    if (!table || room < additional) {
        im__map_table_reserve(write->map, type, bits);
        int error = im__map_resize(write, type, bits);
        if (error)
            return error;
    }
    shard->least_groups = (size_t)1 << bits;
    return 0;
}

/* What one of many shards gets of so many keys: the mean, and five standard deviations or more. */
static size_t share_of(size_t keys, size_t shards)
{
    size_t mean = keys / shards + 1;
    size_t deviation = (size_t)1 << ((im__map_bits_of(mean) + 1) / 2);
    return shards == 1 ? keys : mean + 5 * deviation;
}

/*
 * A map that will be large, or that shall have many shards from the start: split it if it is one shard. EAGAIN: it is asked
 * for, to be done when its growth is finished.
 */
static int begin_split_for(struct im_map_write *write, const struct im_map_type *type, size_t length)
{
    struct im_raw_map *map = write->map;
    int error = 0;
    uint32_t bits = 0;
    im_raw_map_lock(write, type, 0);
    if (may_split(write) &&
        (map->wanted_shards > 1 || im__map_bits_for(length, &bits) || bits > IM__MAP_SINGLE_MAX_BITS)) {
        const bool waits = write->table && type->changes_in_place;
        error = waits ? im__map_want_split(write, type) : im__map_split(write, type, &(uint64_t){0});
        if (waits && !error)
            error = EAGAIN;
    }
    im_raw_map_unlock(write);
    return error;
}

/* Whether a split that was asked for is still to be done, though no growth is: somebody emptied the shard that grew. */
static bool is_split_overdue(struct im_map_write *write, const struct im_map_type *type)
{
    im_raw_map_lock(write, type, 0);
    const bool is_overdue = may_split(write) && write->map->wants_split;
    im_raw_map_unlock(write);
    return is_overdue;
}

static int split_for(struct im_map_write *write, const struct im_map_type *type, size_t length)
{
    const struct im_raw_map *map = write->map;
    while (!shards_of(map) && map->wanted_shards != 1) {
        const int error = begin_split_for(write, type, length);
        if (error != EAGAIN)
            return error;
        im__map_finish_all_growths(write, type);
        if (!shards_of(map) && !is_split_overdue(write, type))
            return shards_of(map) ? 0 : ENOMEM;
    }
    return 0;
}

int im_raw_map_reserve(struct im_raw_map *map, const struct im_map_type *type, size_t additional)
{
    struct im_map_write write;
    size_t length, bytes;
    int error = im_map_write_begin(&write, map, type->rcu->in_section());
    if (error)
        return error;
    if (__builtin_add_overflow(im_raw_map_length(map), additional, &length) ||
        __builtin_mul_overflow(length, type->slot_bytes, &bytes) || bytes > PTRDIFF_MAX)
        error = EOVERFLOW;
    else if (additional > 0 && im_map_seed(map, type))
        error = split_for(&write, type, length);
    for (size_t at = 0; additional > 0 && !error && im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write))
        error = reserve_in_shard(&write, type, share_of(additional, shard_count(map, shards_of(map))));
    write.finishes = true;
    im_raw_map_write_end(&write, type);
    return error;
}

static int shrink_shard_to_fit(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = newest_table(write->shard);
    const size_t length = length_of(write->shard);
    uint32_t bits = 0;
    write->shard->least_groups = 0;
    if (!table)
        return 0;
    if (length == 0) {
        leave_all_behind(write, type, IM_MAP_NO_PART);
        return 0;
    }
    int error = im__map_bits_for(length, &bits);
    return !error && bits < whole_bits_of(table) ? im__map_resize(write, type, bits) : error;
}

int im_raw_map_shrink_to_fit(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_write write;
    int error = im_map_write_begin(&write, map, type->rcu->in_section());
    if (error)
        return error;
    for (size_t at = 0; !error && im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write))
        error = shrink_shard_to_fit(&write, type);
    write.waits = true;
    im_raw_map_write_end(&write, type);
    im__map_memory_give_back(map);
    return error;
}

int im_raw_map_clear(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_write write;
    int error = im_map_write_begin(&write, map, type->rcu->in_section());
    if (error)
        return error;
    for (size_t at = 0; im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write))
        leave_all_behind(&write, type, IM_MAP_BOTH_PARTS);
    im_raw_map_write_end(&write, type);
    return 0;
}

int im_raw_map_synchronize(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_write write;
    int error = im_map_write_begin(&write, map, type->rcu->in_section());
    if (error)
        return error;
    for (size_t at = 0; im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write))
        im_raw_map_reclaim(&write, type);
    write.grows = im__map_grows(map);
    write.waits = true;
    im_raw_map_write_end(&write, type);
    im__map_memory_give_back(map);
    return 0;
}

size_t im_raw_map_length(const struct im_raw_map *map)
{
    const struct im_map_shard *shards = shards_of(map);
    const size_t count = shard_count(map, shards);
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += length_of(shards ? &shards[i] : &map->first);
    return length;
}

void im_raw_map_destroy(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_write write;
    if (!map)
        return;
    if (im_map_write_begin(&write, map, type->rcu->in_section()))
        im_panic((struct im_site){0}, (struct im_site){0},
                 "map: %s destroyed inside a read section or by its own callback", type->name);
    int cancel_state = im_sync_cancel_disable();
    for (size_t at = 0; im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write))
        leave_all_behind(&write, type, IM_MAP_BOTH_PARTS);
    /* The caller is alone with the map, but a reader that has let go of it may still be in its section. */
    write.waits = true;
    im__map_clean_up_behind(&write, type);
    im__map_await_helper(map, type, true);
    im__map_memory_expect_none(map);
    struct im_map_shard *shards = shards_of(map);
    if (shards)
        im__map_shards_free(map, type, shards, shard_count(map, shards));
    im_raw_map_write_end(&write, type);
    im_sync_cancel_restore(cancel_state);
    im_raw_map_init(map, &(struct im_map_options){map->allocator, map->wanted_shards, map->synchronous, map->context});
}
