/* SPDX-License-Identifier: MIT */
/*
 * Replacing a shard's table by another one, mostly a larger one.
 *
 * Frozen values are copied at once, but for those of large tables. Values that change in place are copied when nobody
 * changes them, which takes a grace period. Until what is not copied at once has been copied the shard has both tables, the
 * new one for new keys.
 */
#include <map_internal.h>

#include <string.h>

enum {
    GROWTH_BITS = 1,
    /* A table that is less than an eighth full shrinks to a quarter: half full then at most, and far from growth. */
    SPARSE_LOAD_OF_8 = 1,
    SHRINK_BITS = 2,
    /* Smaller tables do not shrink by themselves: 128 slots are not worth it. */
    SHRINK_MIN_BITS = 3,
/* Up to 2,048 slots are copied in less time than most threads would sleep for; the model has no larger ones. */
#ifdef IM_SYNC_HEADER
    ASIDE_MIN_BITS = 2,
#else
    ASIDE_MIN_BITS = 8,
#endif
    /* New keys meanwhile have a table of a quarter of the size. */
    ASIDE_BITS = 2,
    /* Before a split new keys have tables up to this size (32,768 slots) for the asking, larger ones so many slots at a time. */
    FREE_HAND_BITS = IM__MAP_SINGLE_MAX_BITS + 2,
    PORTION = 256,
};

#define TOP_BIT_OF_EACH UINT64_C(0x8080808080808080)

/*
 * As im_map_free_slot_in_group(), in a table of which nothing was ever removed: whatever is not in use is empty. Word by
 * word: the group would have to wait for the store of the word that was changed for the key before.
 */
static size_t empty_slot_in_group(const struct im_map_table *table, size_t group, uint64_t hash)
{
    const size_t line = im_map_line_of_home(im_map_home_slot(hash, 0));
    const size_t word = group * IM_MAP_GROUP_WORDS + line / IM_MAP_WORD_SLOTS;
    /* Relaxed: nobody else changes the table. */
    const uint64_t own = im_sync_load(&table->control[word], memory_order_relaxed) & TOP_BIT_OF_EACH;
    const uint64_t from_line = own & UINT64_MAX << 8 * (line % IM_MAP_WORD_SLOTS);
    if (IM_LIKELY(from_line))
        return word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctzll(from_line) / 8;
    const uint64_t other = im_sync_load(&table->control[word ^ 1], memory_order_relaxed) & TOP_BIT_OF_EACH;
    if (other)
        return (word ^ 1) * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctzll(other) / 8;
    return own ? word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctzll(own) / 8 : IM_MAP_NOWHERE;
}

static size_t empty_slot_on_path(const struct im_map_table *table, uint64_t hash)
{
    const size_t group_mask = im_map_slots_of(table) - IM_MAP_GROUP_SLOTS;
    struct im_map_probe probe = im_map_probe_start(hash, group_mask);
    size_t slot;
    while ((slot = empty_slot_in_group(table, probe.group, hash)) == IM_MAP_NOWHERE)
        im_map_probe_next(&probe, group_mask);
    return slot;
}

static bool nothing_was_removed(const struct im_map_table *table)
{
    return im_sync_load(&table->retirements, memory_order_relaxed) == 0;
}

/* Into a table that has room for it. */
void im__map_copy_slot(const struct im_map_type *type, const void *source, uint64_t hash, struct im_map_table *to)
{
    size_t target = IM_LIKELY(nothing_was_removed(to)) ? empty_slot_on_path(to, hash) : free_slot_on_path(to, hash);
    void *copy = im_map_slot(to, target, type->slot_bytes);
    /* Plain: nobody changes the source (frozen, or announced), and the target is free. */
    if (IM_LIKELY(type->slot_bytes == 2 * sizeof(uint64_t)))
        memcpy(copy, source, 2 * sizeof(uint64_t)); /* the commonest size, without a call */
    else
        memcpy(copy, source, type->slot_bytes);
    if (IM_UNLIKELY(to->shadow)) {
        im__map_shadow_fill(to, target);
        im__map_shadow_moved(to, target, source);
    }
    take_slot(to, target);
    set_control(to, target, im_map_hash_mark(hash));
}

/* Of a table that nobody else changes. */
void im__map_copy_slots(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *from,
                        struct im_map_table *to)
{
    const uint64_t seed = seed_of(map);
    FOR_EACH_USED_SLOT(from, slot)
    {
        const void *source = im_map_slot(from, slot, type->slot_bytes);
        im__map_copy_slot(type, source, type->hash_slot(map, source, seed), to);
    }
}

void im__map_record_pause(struct im_raw_map *map, uint64_t began_ns)
{
    raise_to(&map->longest_pause_ns, im_sync_now_ns() - began_ns);
}

static void count_growth(struct im_raw_map *map)
{
    im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
}

/* Replace the shard's table: copy, publish, leave the old one behind. */
static void replace_table(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *new)
{
    struct im_map_table *old = first_table(write->shard);
    if (IM_UNLIKELY(old->shadow))
        im__map_shadow_compare_used(old, "when its table was copied");
    im__map_copy_slots(write->map, type, old, new);
    publish_table(write->shard, new);
    im__map_leave_behind(write, type, old, IM_MAP_NO_PART);
}

/* ---- Growth by and by ---- */

/* Whether a growth to so many groups is finished by a split. */
static bool will_be_split(const struct im_map_write *write, uint32_t group_bits)
{
    return may_split(write) && group_bits > IM__MAP_SINGLE_MAX_BITS;
}

/*
 * Whether new keys shall go to a table aside, so that inserts need not wait for the copy to the whole one, nor for its
 * memory. Not where that is not worth it, or where the whole one might not have room for all of them then. Nor in the
 * checked build: what it knows of values moves with them, at once.
 */
static bool goes_aside(const struct im_map_write *write, const struct im_map_type *type, uint32_t bits)
{
    return bits >= ASIDE_MIN_BITS && !type->check && !may_split(write) &&
           !(is_growing(write->shard) && !whole_of(newest_table(write->shard))) &&
           capacity_in(bits) >= length_of(write->shard) + capacity_in(bits - ASIDE_BITS);
}

/* Whether a growth is begun only, to be finished later. Frozen values are copied at once where that does not take long. */
static bool goes_by_and_by(const struct im_map_write *write, const struct im_map_type *type, uint32_t bits)
{
    return type->changes_in_place || is_growing(write->shard) ||
           (!write->map->synchronous && goes_aside(write, type, bits));
}

/* A table aside, with a whole one of so many groups. NULL: no memory for both. */
static struct im_map_table *table_aside(struct im_raw_map *map, const struct im_map_type *type, uint32_t bits)
{
    struct im_map_table *aside;
    uintptr_t whole;
    if (im__map_table_new_aside(map, type, bits - ASIDE_BITS, &aside) != 0)
        return NULL;
    if (im__map_table_new_unready(map, type, bits, &whole) != 0) {
        im__map_table_free(map, type, aside);
        return NULL;
    }
    im_sync_store(&aside->whole, whole, memory_order_relaxed);
    return aside;
}

/*
 * Let new keys go to this table. It keeps room for all keys that lie in the older ones, to be copied later, if it has no
 * whole one.
 */
static void begin_growth(struct im_map_write *write, struct im_map_table *new)
{
    struct im_map_shard *shard = write->shard;
    if (!whole_of(new)) {
        new->reserved = length_of(shard);
        new->room -= new->reserved;
    }
    if (may_split(write) && new->group_bits > FREE_HAND_BITS) {
        new->withheld = new->room;
        new->room = 0;
    }
    /* Release: the table is empty before it is seen; pairs with the acquires in newer_view() (map_internal.h) and
     * NAME__search_newer(). */
    im_sync_store(&newest_table(shard)->newer, word_of(new), memory_order_release);
    extend_row(shard, new);
    write->grows = true;
}

/* Copy what lies in the older tables to the newest one, which is the shard's only one then. */
static void collapse(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_shard *shard = write->shard;
    struct im_map_table *old = first_table(shard), *newest = newest_table(shard), *next;
    newest->room += newest->reserved;
    newest->room += newest->withheld;
    newest->reserved = newest->withheld = 0;
    for (struct im_map_table *from = old; from != newest; from = im_map_newer_table(from)) {
        if (IM_UNLIKELY(from->shadow))
            im__map_shadow_compare_used(from, "when its table was copied");
        im__map_copy_slots(write->map, type, from, newest);
    }
    publish_table(shard, newest);
    end_row(shard);
    for (; old != newest; old = next) {
        next = im_map_newer_table(old);
        im__map_leave_behind(write, type, old, IM_MAP_NO_PART);
    }
}

/* Whether who finishes a growth now waits for huge pages: not with changes stopped, nor in a change that does not wait. */
static bool waits_for_pages(struct im_map_write *write)
{
    const struct im_map_table *aside = im_map_newer_table(first_table(write->shard));
    return whole_of(aside) && im__map_memory_will_be_made(write->map, im_map_view(whole_of(aside)).table);
}

/* Finish a growth of frozen values with a table that waits for nothing, and with the lock. */
static int finish_elsewhere(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_table *new;
    int error = im__map_table_new(write->map, type, whole_bits_of(newest_table(write->shard)), &new);
    if (error)
        return error;
    const uint64_t began_ns = im_sync_now_ns();
    im__map_table_fault_in(write->map, type, new);
    begin_growth(write, new);
    collapse(write, type);
    im__map_record_pause(write->map, began_ns);
    return 0;
}

/*
 * Of a locked shard that grows, while nobody changes values in place. If most of its keys went away meanwhile, another
 * growth is begun, to a smaller table. EBUSY: it could not be finished, and the shard is not locked any more.
 */
static int finish_growth(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    if ((may_split(write) && map->wants_split) || will_be_split(write, newest_table(write->shard)->group_bits)) {
        const int error = im__map_split_by_and_by(write, type);
        if (error == EBUSY)
            return error;
        map->wants_split = false;
        if (!error)
            return 0;
        /* No memory for a split: then not. */
    }
    const bool may_wait = type->changes_in_place || write->waits || write->finishes;
    if (!may_wait && waits_for_pages(write) && finish_elsewhere(write, type) == 0)
        return 0;
    if (whole_of(im_map_newer_table(first_table(write->shard)))) {
        const int error = im__map_finish_aside(write, type);
        if (error)
            return error;
        write->grows |= is_growing(write->shard);
        im_raw_map_settle(write, type);
        return 0;
    }
    const uint64_t began_ns = im_sync_now_ns();
    collapse(write, type);
    im_raw_map_settle(write, type);
    im__map_record_pause(map, began_ns);
    return 0;
}

/* Whether a shard that grows does not wait for pages, or, in doubt, one that is locked. */
static bool is_any_ready(struct im_map_write *write, const struct im_map_type *type)
{
    const size_t shards = shard_count(write->map, shards_of(write->map));
    struct im_map_shard *busy = NULL;
    bool is_ready = false;
    for (size_t at = 0; at < shards && !is_ready && !busy; at++) {
        if (im__map_try_lock_growing(write, type, at, &busy)) {
            is_ready = !waits_for_pages(write);
            im_raw_map_unlock(write);
        }
    }
    return is_ready || busy;
}

bool im__map_can_finish_growths(struct im_map_write *write, const struct im_map_type *type)
{
    return im__map_grows(write->map) &&
           (!im_sync_load(&write->map->page_work, memory_order_relaxed) || is_any_ready(write, type));
}

struct im_map_shard *im__map_finish_growths(struct im_map_write *write, const struct im_map_type *type, size_t *at,
                                            size_t most_keys, bool *goes_on)
{
    struct im_raw_map *map = write->map;
    struct im_map_shard *busy = NULL;
    const size_t shards = shard_count(map, shards_of(map));
    const int cancel_state = im_sync_cancel_disable();
    size_t copied = 0;
    if (type->changes_in_place)
        im__map_pause_changes(map, type);
    for (size_t i = 0; i < shards && copied < most_keys; i++) {
        if (!im__map_try_lock_growing(write, type, (*at)++, &busy))
            continue;
        struct im_map_shard *shard = write->shard;
        if (most_keys < SIZE_MAX && waits_for_pages(write)) {
            im_raw_map_unlock(write);
            continue;
        }
        copied += length_of(shard);
        if (finish_growth(write, type) != 0) {
            /* Changes were stopped for long. */
            busy = shard;
            break;
        }
        im_raw_map_unlock(write);
    }
    const bool was_in_the_way = type->changes_in_place && im__map_resume_changes(map);
    *goes_on = (*goes_on || copied > 0) && !was_in_the_way;
    im_sync_cancel_restore(cancel_state);
    return busy;
}

void im_raw_map_end_growth(struct im_map_write *write, const struct im_map_type *type)
{
    const int cancel_state = im_sync_cancel_disable();
    if (finish_growth(write, type) == 0)
        im_raw_map_unlock(write);
    im_sync_cancel_restore(cancel_state);
}

void im__map_finish_all_growths(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_shard *busy;
    size_t at = 0;
    do {
        bool goes_on = true;
        write->grows = false;
        busy = im__map_finish_growths(write, type, &at, SIZE_MAX, &goes_on);
        if (busy)
            im__map_wait_for_shard(busy, type);
    } while (busy || write->grows);
}

/* Give the shard a table with so many groups, enough for its keys. */
static int resize(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits, bool by_and_by)
{
    struct im_raw_map *map = write->map;
    const bool is_first = !first_table(write->shard);
    uint64_t began_ns = is_first ? 0 : im_sync_now_ns();
    struct im_map_table *new = NULL;
    if (!is_first && by_and_by && goes_aside(write, type, group_bits))
        new = table_aside(map, type, group_bits);
    int error = new ? 0 : im__map_table_new(map, type, group_bits, &new);
    if (error)
        return error;
    write->table = new;
    write->page_work |= im_sync_load(&map->page_work, memory_order_relaxed);
    if (is_first) {
        publish_table(write->shard, new);
        return 0;
    }

    int cancel_state = im_sync_cancel_disable();
    /* A table until the split is for the keys of some milliseconds: its pages, maybe a thousand, come as keys touch them. */
    if (!(by_and_by && will_be_split(write, group_bits)))
        im__map_table_fault_in(map, type, new);
    if (by_and_by)
        begin_growth(write, new);
    else
        replace_table(write, type, new);
    write->table = newest_table(write->shard);
    count_growth(map);
    im__map_record_pause(map, began_ns);
    im_sync_cancel_restore(cancel_state);
    return 0;
}

int im__map_resize(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits)
{
    return resize(write, type, group_bits, goes_by_and_by(write, type, group_bits));
}

int im__map_resize_at_once(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits)
{
    return resize(write, type, group_bits, false);
}

/* Of a shard with keys in it whose values change in place: split it when its growth is finished, which this may begin. */
int im__map_want_split(struct im_map_write *write, const struct im_map_type *type)
{
    int error = is_growing(write->shard) ? 0 : im__map_resize(write, type, first_table(write->shard)->group_bits);
    write->map->wants_split = !error;
    return error;
}

/*
 * Rebuild the table because it has no room: larger, or as large as it is when much of it is deleted and retired
 * slots.
 */
static int resize_for_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, bool at_once)
{
    const struct im_map_table *table = write->table;
    if (!table)
        return may_split(write) && write->map->wanted_shards > 1 ? im__map_split(write, type, &hash)
                                                                 : im__map_resize(write, type, 0);
    size_t most_keys = capacity_of(im_map_slots_of(table)) / 2;
    uint32_t bits = whole_bits_of(table);
    /* It is half full or more from the start; what came meanwhile leaves as much room as a table aside has. */
    if (whole_of(table))
        most_keys = capacity_in(bits) / 8 * 7;
    if (length_of(write->shard) >= most_keys)
        bits += GROWTH_BITS;
    if (!type->changes_in_place && will_be_split(write, bits))
        return im__map_split(write, type, &hash);
    return at_once ? im__map_resize_at_once(write, type, bits) : im__map_resize(write, type, bits);
}

/*
 * Some of the room that a table withholds, for who waits a little in return, when he has unlocked: he is ahead of the helper,
 * who might never be done with the copy for the split if keys came faster than he copies.
 */
static void give_portion(struct im_map_write *write)
{
    struct im_map_table *table = write->table;
    const size_t portion = table->withheld < PORTION ? table->withheld : PORTION;
    table->room += portion;
    table->withheld -= portion;
    write->grows = write->is_ahead = true;
}

static int make_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t *slot,
                     bool at_once)
{
    for (write->table = newest_table(write->shard);;) {
        if (write->table) {
            if (write->table->room == 0 && write->table->withheld > 0)
                give_portion(write);
            *slot = free_slot_on_path(write->table, hash);
            if (has_room_for(write->table, *slot))
                return 0;
        }
        int error = resize_for_room(write, type, hash, at_once);
        if (error)
            return error;
    }
}

int im_raw_map_make_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t *slot)
{
    return make_room(write, type, hash, slot, false);
}

int im__map_make_room_at_once(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t *slot)
{
    return make_room(write, type, hash, slot, true);
}

void im_raw_map_settle(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_shard *shard = write->shard;
    const struct im_map_table *table = first_table(shard);
    if (!table || table->group_bits <= SHRINK_MIN_BITS || groups_of(table) <= shard->least_groups ||
        length_of(shard) >= im_map_slots_of(table) / 8 * SPARSE_LOAD_OF_8 || is_growing(shard))
        return;
    (void)im__map_resize(write, type, table->group_bits - SHRINK_BITS); /* no memory for it: then not */
}
