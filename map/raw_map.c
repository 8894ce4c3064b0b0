/* SPDX-License-Identifier: MIT */
/*
 * How the map works, and why it is right.
 *
 * A map is a row of shards, each with a table and a lock; some bits of a key's hash say which shard it belongs to. A
 * small map is one shard, which lies in the map itself, and is split once: when its table would get large, or when
 * writers have waited for its lock many times.
 *
 * A table is one allocation of groups of sixteen slots, each with a control byte (map_group.h). A key lives in the
 * first group on its probe path that had a free slot when it came; a search follows the path and ends at a group with
 * an empty slot. One writer at a time changes a shard, under its lock; readers take no lock and never write to the map.
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
 * for that and frees them; but for tables that end with a callback, or of another allocator than the C library's: for
 * those the writer waits itself, with nothing locked, as it does when the helper falls far behind. When there is no
 * room to log one more retirement, a small table is replaced by a copy in the same way; others wait for a grace period.
 *
 * Values that change in place (type->changes_in_place) need more, or changes are lost:
 *   - before the copy, `phase` is counted up and a grace period passes: sections that may change values do not begin
 *     while it is not 0, and all that began before are over;
 *   - it is counted down, and the lock released, only after the grace period that follows the publication: until then
 *     somebody (a for_each) may still look at the old table, and must not miss a change that was completed in the new
 *     one.
 * Who finds `phase` up leaves its read section before it sleeps: otherwise the writer would wait for it and it for
 * the writer. `phase` is the map's, since a section may look at any key; that it counts lets shards grow at the same
 * time. Decisions about a value (compute, remove_if, retain) hold `deciding` while they have it up, so that it comes
 * down between them, and changes go on.
 *
 * The split is a growth into many tables: their array is published last, by one store. The first shard's old table
 * stays where it is in the map, not looked at by anybody who sees the array. A writer that waited for the first shard's lock
 * meanwhile looks again which shard is its own.
 *
 * A walk (for_each) shows each key that stays exactly once, though replacements move it: it shows what was in use when
 * the shard was entered. Of a key that moved since, that is the slot in which it lay then: retired now, but unchanged
 * (I4). The log says which those are, and which slots are moved-to since, to be passed over. A move that was under way
 * when the shard was entered counts as one since: its `retirements` was odd.
 *
 * Cancellation: whatever is a cancellation point and runs under a lock (grace periods, drawing the seed, callbacks)
 * is shielded from it; to shield every change would cost each 40 ns.
 *
 * Progress: searches are lock-free, and wait-free while no key is replaced in their shard; writers of a shard wait for
 * each other, for its growth, for a grace period once per `retired_limit` removed or replaced keys, and for one
 * whenever a value that readers may still change or look at is handed out.
 *
 * Sources: the RCU map of "Interior mutability and safety of ownership transfer in Rust", Rust Internals forum, March
 * 2026; abseil's SwissTable (layout); P. McKenney, "Is Parallel Programming Hard", chapter 9 (RCU).
 */
#include <intermut/raw_map.h>

#include <stdalign.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    GROWTH_BITS = 1,
    /* Slots in use at most: 7 of 8. Fuller tables search long, emptier ones waste memory (abseil's figure). */
    MAX_LOAD_OF_8 = 7,
    /* A table that is less than an eighth full shrinks to a quarter: half full then at most, and far from growth. */
    SPARSE_LOAD_OF_8 = 1,
    SHRINK_BITS = 2,
    /* Up to 4,096 slots are copied in less time than a grace period takes under load. */
    COPIED_MAX_BITS = 8,
    /* Smaller tables do not shrink by themselves: 256 slots are not worth it. */
    SHRINK_MIN_BITS = 4,
    /*
     * A grace period costs some 50 us under load: shared by at least 8 removals, and by at most 512, to bound the
     * memory held.
     */
    RETIRED_MIN = 8,
    RETIRED_MAX = 512,
    /* A map of one shard is split before its table gets more groups (8,192 slots), or after so many waits. */
    SINGLE_MAX_BITS = 9,
    CONTENDED_MAX = 256,
    SHARDS_PER_CORE = 4,
    /* What may be left behind without a wait: so many bytes, or this part of all tables. */
    LEFT_BEHIND_BYTES = 1 << 16,
    LEFT_BEHIND_PART = 64,
    /* Writers wait themselves when the helper is so many times behind. */
    LEFT_BEHIND_LIMITS = 16,
};

static size_t capacity_of(size_t slots)
{
    return slots / 8 * MAX_LOAD_OF_8;
}

static size_t groups_of(const struct im_map_table *table)
{
    return (size_t)1 << table->group_bits;
}

static size_t retired_count_of(const struct im_map_table *table)
{
    return im_sync_load(&table->retirements, memory_order_relaxed) / 2 -
           im_sync_load(&table->reclaimed, memory_order_relaxed);
}

static size_t length_of(const struct im_map_shard *shard)
{
    return im_sync_load(&shard->length, memory_order_relaxed);
}

static void add_length(struct im_map_shard *shard, size_t difference)
{
    im_sync_store(&shard->length, length_of(shard) + difference, memory_order_relaxed);
}

static size_t shard_count(const struct im_raw_map *map, const struct im_map_shard *shards)
{
    return shards ? (size_t)map->shard_mask + 1 : 1;
}

/* A statistic that only grows; any number of threads. */
static void raise(uint64_t *statistic, uint64_t value)
{
    uint64_t seen = im_sync_load(statistic, memory_order_relaxed);
    while (seen < value &&
           !im_sync_compare_exchange(statistic, &seen, value, memory_order_relaxed, memory_order_relaxed))
        continue;
}

/* ---- Control words: written by the one writer, whole words at a time, so that readers may load them as such. ---- */

static uint64_t word_with(uint64_t word, size_t slot, uint8_t byte)
{
    unsigned shift = 8 * (unsigned)(slot % IM_MAP_WORD_SLOTS);
    return (word & ~(UINT64_C(0xff) << shift)) | (uint64_t)byte << shift;
}

static void set_control(struct im_map_table *table, size_t slot, uint8_t byte)
{
    uint64_t *word = &table->control[slot / IM_MAP_WORD_SLOTS];
    /* Release: a slot is filled before it is seen in use (I1); pairs with the acquire in im_map_group_load(). */
    im_sync_store(word, word_with(im_sync_load(word, memory_order_relaxed), slot, byte), memory_order_release);
}

static struct im_map_group group_of_slot(const struct im_map_table *table, size_t slot)
{
    return im_map_group_load(&table->control[slot / IM_MAP_GROUP_SLOTS * IM_MAP_GROUP_WORDS]);
}

static bool is_free(uint8_t byte)
{
    return byte == IM_MAP_EMPTY || byte == IM_MAP_DELETED;
}

/* ---- Tables ---- */

/* Sizes of the parts of a table's allocation, in bytes. */
struct layout {
    size_t before; /* of its header: the slots */
    size_t retired_at;
    size_t retired_limit;
    size_t bytes;
    size_t alignment;
};

static size_t round_up(size_t bytes, size_t alignment)
{
    return (bytes + alignment - 1) & ~(alignment - 1);
}

/* EOVERFLOW when a table of so many groups has no size. */
static int lay_out(const struct im_map_type *type, uint32_t group_bits, struct layout *layout)
{
    size_t alignment = type->slot_alignment > IM_CACHE_LINE_BYTES ? type->slot_alignment : IM_CACHE_LINE_BYTES;
    size_t slots = (size_t)IM_MAP_GROUP_SLOTS << group_bits, retired = slots / 8, slots_bytes, bytes;
    layout->retired_limit = retired < RETIRED_MIN ? RETIRED_MIN : retired > RETIRED_MAX ? RETIRED_MAX : retired;
    size_t retired_bytes = layout->retired_limit * sizeof(struct im_map_retired);
    if (group_bits >= 59 || __builtin_mul_overflow(slots, type->slot_bytes, &slots_bytes) ||
        __builtin_add_overflow(sizeof(struct im_map_table) + alignment + retired_bytes, slots, &bytes) ||
        __builtin_add_overflow(bytes, slots_bytes, &bytes) || bytes > PTRDIFF_MAX)
        return EOVERFLOW;

    layout->alignment = alignment;
    layout->before = round_up(slots_bytes, alignment);
    layout->retired_at = sizeof(struct im_map_table) + slots;
    layout->bytes = layout->before + layout->retired_at + retired_bytes;
    return 0;
}

static size_t bytes_of(const struct im_map_type *type, const struct im_map_table *table)
{
    struct layout layout = {0};
    (void)lay_out(type, table->group_bits, &layout); /* it had a size when it was made */
    return layout.bytes;
}

static int table_new(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                     struct im_map_table **new_table)
{
    struct layout layout;
    int error = lay_out(type, group_bits, &layout);
    if (error)
        return error;
    unsigned char *memory = im_allocate(map->allocator, layout.bytes, layout.alignment);
    if (!memory)
        return ENOMEM;

    struct im_map_table *table = (void *)(memory + layout.before);
    *table = (struct im_map_table){
        .group_bits = group_bits,
        .room = capacity_of((size_t)IM_MAP_GROUP_SLOTS << group_bits),
        .retired_limit = layout.retired_limit,
        .retired = (void *)((unsigned char *)table + layout.retired_at),
    };
    for (size_t word = 0; word < groups_of(table) * IM_MAP_GROUP_WORDS; word++)
        im_sync_store(&table->control[word], UINT64_MAX, memory_order_relaxed);
    im_sync_fetch_add(&map->bytes, layout.bytes, memory_order_relaxed);
    *new_table = table;
    return 0;
}

static void table_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table)
{
    struct layout layout = {0};
    (void)lay_out(type, table->group_bits, &layout); /* it had a size when it was made */
    im_sync_fetch_sub(&map->bytes, layout.bytes, memory_order_relaxed);
    im_release(map->allocator, (unsigned char *)table - layout.before, layout.bytes);
}

/* The table and its size in one word: im_map_view() takes it apart. */
static uintptr_t word_of(const struct im_map_table *table)
{
    return (uintptr_t)table | table->group_bits;
}

static void publish_table(struct im_map_shard *shard, const struct im_map_table *table)
{
    /* Release: the table is filled before it is seen; pairs with the acquire of the table in map_template.h. */
    im_sync_store(&shard->table, word_of(table), memory_order_release);
}

/* The free slot of a group that is first at or after the home slot of the hash, or IM_MAP_NOWHERE. */
static size_t free_slot_in_group(const struct im_map_table *table, size_t group, uint64_t hash)
{
    unsigned free = im_map_group_match_free(im_map_group_load(&table->control[group * IM_MAP_GROUP_WORDS]));
    if (!free)
        return IM_MAP_NOWHERE;
    unsigned home = im_map_home_slot(hash);
    unsigned from_home = free >> home | free << (IM_MAP_GROUP_SLOTS - home);
    return group * IM_MAP_GROUP_SLOTS + (home + (unsigned)__builtin_ctz(from_home)) % IM_MAP_GROUP_SLOTS;
}

/*
 * The first free slot on the path of a hash. There is one: capacity_of() leaves empty slots in every table. It may be
 * an empty one that the table has no room for.
 */
static size_t free_slot_on_path(const struct im_map_table *table, uint64_t hash)
{
    const size_t group_mask = groups_of(table) - 1;
    struct im_map_probe probe = im_map_probe_start(hash, group_mask);
    size_t slot;
    while ((slot = free_slot_in_group(table, probe.group, hash)) == IM_MAP_NOWHERE)
        im_map_probe_next(&probe, group_mask);
    return slot;
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

static bool has_room_for(const struct im_map_table *table, size_t slot)
{
    return table->room > 0 || im_map_control_byte(table, slot) == IM_MAP_DELETED;
}

/* ---- Grace periods, and what waits for them ---- */

/* Not inside a read section, nor with anything locked that a reader could wait for. */
static void synchronize(struct im_raw_map *map, const struct im_map_type *type)
{
    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns(), none = 0;
    /* For im_raw_map_stats(); of several at once the first is shown. */
    bool shown =
        im_sync_compare_exchange(&map->grace_began_ns, &none, began_ns, memory_order_relaxed, memory_order_relaxed);
    type->rcu->synchronize();
    if (shown)
        im_sync_store(&map->grace_began_ns, 0, memory_order_relaxed);
    raise(&map->longest_grace_ns, im_sync_now_ns() - began_ns);
    im_sync_cancel_restore(cancel_state);
}

static void drop_retired(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table)
{
    if (!type->drop_slot)
        return;
    const size_t end = im_sync_load(&table->retirements, memory_order_relaxed) / 2;
    for (size_t i = im_sync_load(&table->reclaimed, memory_order_relaxed); i < end; i++) {
        const struct im_map_retired *retired = &table->retired[i % table->retired_limit];
        type->drop_slot(im_map_slot(table, retired->slot, type->slot_bytes), retired->drop, map->allocator);
    }
}

static void drop_used(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table,
                      enum im_map_parts drop)
{
    for (size_t slot = 0; type->drop_slot && drop && slot < im_map_slots_of(table); slot++) {
        if (im_map_control_is_full(im_map_control_byte(table, slot)))
            type->drop_slot(im_map_slot(table, slot, type->slot_bytes), drop, map->allocator);
    }
}

/* End a table that no reader looks at any more, and the `ends` parts of what is in use there. */
static void end_table(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table,
                      enum im_map_parts ends)
{
    drop_retired(map, type, table);
    drop_used(map, type, table, ends);
    table_free(map, type, table);
}

/* Whether nothing ends with a table but its memory, and that is the C library's: any thread may do it. */
static bool is_for_helper(const struct im_raw_map *map, const struct im_map_type *type,
                          const struct im_map_table *table, enum im_map_parts ends)
{
    return !map->allocator && !(type->drop_slot && (ends || retired_count_of(table) > 0));
}

static size_t left_behind_limit(const struct im_raw_map *map)
{
    size_t part = im_sync_load(&map->bytes, memory_order_relaxed) / LEFT_BEHIND_PART;
    return part > LEFT_BEHIND_BYTES ? part : LEFT_BEHIND_BYTES;
}

/* The same later: readers may be looking at it. */
static void leave_behind(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                         enum im_map_parts ends)
{
    struct im_raw_map *map = write->map;
    struct im_map_table **list = is_for_helper(map, type, table, ends) ? &map->for_helper : &map->left_behind;
    const size_t bytes = bytes_of(type, table);
    size_t waiting = im_sync_fetch_add(&map->left_behind_bytes, bytes, memory_order_relaxed) + bytes;
    if (waiting > left_behind_limit(map))
        write->left_too_much_behind = true;
    table->ends = ends;
    table->next = im_sync_load(list, memory_order_relaxed);
    /* Release: pairs with the acquire in end_left_behind(), which looks into the table. */
    while (!im_sync_compare_exchange(list, &table->next, table, memory_order_release, memory_order_relaxed))
        continue;
}

/* End all tables of a list, which were left behind before, after their last reader. With nothing locked. */
static void end_left_behind(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table **list)
{
    /* Acquire: pairs with the release in leave_behind(). */
    struct im_map_table *table = im_sync_exchange(list, NULL, memory_order_acquire);
    if (!table)
        return;
    int cancel_state = im_sync_cancel_disable();
    synchronize(map, type);
    while (table) {
        struct im_map_table *next = table->next;
        im_sync_fetch_sub(&map->left_behind_bytes, bytes_of(type, table), memory_order_relaxed);
        end_table(map, type, table, table->ends);
        table = next;
    }
    im_sync_cancel_restore(cancel_state);
}

/*
 * The helper: a thread that waits for grace periods, so that the writers who leave tables behind need not. It lives as
 * long as there is more than the limit. What ends by a callback is not for it: that may look at maps of a flavour that
 * it is not registered with.
 */
struct helper {
    struct im_raw_map *map;
    const struct im_map_type *type;
};

static void help(void *argument)
{
    const struct helper *given = argument;
    struct im_raw_map *map = given->map;
    const struct im_map_type *type = given->type;
    im_release(NULL, argument, sizeof(struct helper));
    do {
        end_left_behind(map, type, &map->for_helper);
    } while (im_sync_load(&map->for_helper, memory_order_relaxed) &&
             im_sync_load(&map->left_behind_bytes, memory_order_relaxed) > left_behind_limit(map));
    /* Release: it is done with the map; pairs with the acquire in await_helper(). */
    im_sync_store(&map->helper_runs, 0, memory_order_release);
    im_sync_wake(&map->helper_runs, IM_SYNC_ALL);
}

/* Whether the helper runs in the process that this one was forked from. What it had taken is lost here. */
static bool was_helper_left_behind(const struct im_raw_map *map)
{
    int32_t process = im_sync_load(&map->helper_process, memory_order_relaxed);
    return process != 0 && process != getpid();
}

/* Whether there is a helper now, or was one already. */
static bool start_helper(struct im_raw_map *map, const struct im_map_type *type)
{
    uint32_t no = 0;
    /* Acquire: a helper before this one is done; pairs with the release in help(). */
    if (!im_sync_compare_exchange(&map->helper_runs, &no, 1, memory_order_acquire, memory_order_relaxed) &&
        !was_helper_left_behind(map))
        return true;
    im_sync_store(&map->helper_process, getpid(), memory_order_relaxed);
    struct helper *helper = im_allocate(NULL, sizeof *helper, sizeof(void *));
    if (helper)
        *helper = (struct helper){map, type};
    if (helper && im_sync_start_thread(help, helper) == 0)
        return true;
    im_release(NULL, helper, sizeof *helper);
    im_sync_store(&map->helper_runs, 0, memory_order_release);
    im_sync_wake(&map->helper_runs, IM_SYNC_ALL);
    return false;
}

/* Until the map may go away. The helper may be waiting for us. */
static void await_helper(const struct im_raw_map *map, const struct im_map_type *type)
{
    bool was_online = type->rcu->offline();
    /* Acquire: pairs with the release in help(). */
    while (im_sync_load(&map->helper_runs, memory_order_acquire) && !was_helper_left_behind(map))
        im_sync_wait(&map->helper_runs, 1, IM_SYNC_FOREVER);
    if (was_online)
        type->rcu->online();
}

/* Too much was left behind, or a change shall wait for all that was. */
IM_COLD static void clean_up_behind(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_raw_map *map = write->map;
    end_left_behind(map, type, &map->left_behind);
    size_t waiting = im_sync_load(&map->left_behind_bytes, memory_order_relaxed);
    if (write->waits || waiting > LEFT_BEHIND_LIMITS * left_behind_limit(map) || !start_helper(map, type))
        end_left_behind(map, type, &map->for_helper);
    if (write->waits)
        await_helper(map, type);
}

/* ---- Values that change in place ---- */

static void pause_changes(struct im_raw_map *map, const struct im_map_type *type)
{
    /* Relaxed: the grace period makes it visible to every section that begins after it, and waits for all others. */
    im_sync_fetch_add(&map->phase, 1, memory_order_relaxed);
    synchronize(map, type);
}

static void resume_changes(struct im_raw_map *map)
{
    /*
     * Release: who sees changes allowed sees the key gone that was removed by a decision; pairs with the acquire in
     * NAME_try_read_lock(). After growth there is no need for it: a section that sees changes allowed cannot have been
     * there before the grace period that followed the publication, or that would have waited for it; so it sees the new
     * table, by RCU's own guarantee.
     */
    if (im_sync_fetch_sub(&map->phase, 1, memory_order_release) == 1)
        im_sync_wake(&map->phase, IM_SYNC_ALL);
}

/* The holder of a lock may be waiting for a grace period, and that for us. */
static void lock_offline(struct im_sync_mutex *lock, const struct im_map_type *type)
{
    bool was_online = type->rcu->offline();
    im_sync_mutex_lock(lock);
    if (was_online)
        type->rcu->online();
}

void im_raw_map_hold_values(struct im_map_write *write, const struct im_map_type *type)
{
    lock_offline(&write->map->deciding, type);
    pause_changes(write->map, type);
}

void im_raw_map_let_values_go(struct im_map_write *write)
{
    resume_changes(write->map);
    im_sync_mutex_unlock(&write->map->deciding);
}

void im_raw_map_wait_for_phase(const struct im_raw_map *map, const struct im_map_type *type, struct im_site site)
{
    if (im_map_is_writing(map))
        im_panic(site, (struct im_site){0},
                 "map: read section of a %s opened in a callback of its own change: it would wait for itself",
                 type->name);
    bool was_online = type->rcu->offline();
    uint32_t phase;
    /* Relaxed: only the number itself matters; the section that is tried next looks at it again. */
    while ((phase = im_sync_load(&map->phase, memory_order_relaxed)) != 0)
        im_sync_wait(&map->phase, phase, IM_SYNC_FOREVER);
    if (was_online)
        type->rcu->online();
}

/* ---- Growth ---- */

static void copy_slot(const struct im_map_type *type, const void *source, uint64_t hash, struct im_map_table *to)
{
    size_t target = free_slot_on_path(to, hash);
    /* Plain: nobody changes the source (frozen, or announced), nobody sees the target yet. */
    memcpy(im_map_slot(to, target, type->slot_bytes), source, type->slot_bytes);
    set_control(to, target, im_map_hash_mark(hash));
    to->room--;
}

/* The slots in use of a table that nobody else changes: `slot` is each of them in turn. */
#define FOR_EACH_USED_SLOT(table, slot)                                                                          \
    for (size_t slot##_word = 0, slot = 0; slot##_word < groups_of(table) * IM_MAP_GROUP_WORDS; slot##_word++)   \
        for (unsigned slot##_used =                                                                              \
                 im_map_word_match_full(im_sync_load(&(table)->control[slot##_word], memory_order_relaxed));     \
             slot##_used && (slot = slot##_word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctz(slot##_used), true); \
             slot##_used &= slot##_used - 1)

static void copy_slots(const struct im_map_type *type, uint64_t seed, const struct im_map_table *from,
                       struct im_map_table *to)
{
    FOR_EACH_USED_SLOT(from, slot)
    {
        const void *source = im_map_slot(from, slot, type->slot_bytes);
        copy_slot(type, source, type->hash_slot(source, seed), to);
    }
}

static void record_growth(struct im_raw_map *map, uint64_t began_ns)
{
    raise(&map->longest_pause_ns, im_sync_now_ns() - began_ns);
    im_sync_fetch_add(&map->growths, 1, memory_order_relaxed);
}

static uint64_t seed_of(const struct im_raw_map *map)
{
    return im_sync_load(&map->seed, memory_order_relaxed);
}

/* Replace the shard's table by one with so many groups: allocate, copy, publish, leave the old one behind. */
static int rebuild(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits)
{
    struct im_raw_map *map = write->map;
    struct im_map_table *old = im_map_writers_table(write);
    struct im_map_table *new;
    int error = table_new(map, type, group_bits, &new);
    if (error)
        return error;
    if (!old) {
        publish_table(write->shard, new);
        return 0;
    }

    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns();
    if (type->changes_in_place)
        pause_changes(map, type);
    copy_slots(type, seed_of(map), old, new);
    publish_table(write->shard, new);
    if (type->changes_in_place) {
        synchronize(map, type);
        resume_changes(map);
        end_table(map, type, old, IM_MAP_NO_PART);
    } else {
        leave_behind(write, type, old, IM_MAP_NO_PART);
    }
    record_growth(map, began_ns);
    im_sync_cancel_restore(cancel_state);
    return 0;
}

/* The size of a table that holds so many keys: EOVERFLOW when there is none. */
static int bits_for(size_t length, uint32_t *group_bits)
{
    for (uint32_t bits = 0; bits < 59; bits++) {
        if (capacity_of((size_t)IM_MAP_GROUP_SLOTS << bits) >= length) {
            *group_bits = bits;
            return 0;
        }
    }
    return EOVERFLOW;
}

/* ---- Shards ---- */

static uint32_t bits_of(size_t power_of_two_at_least)
{
    uint32_t bits = 0;
    while ((size_t)1 << bits < power_of_two_at_least)
        bits++;
    return bits;
}

static uint32_t wanted_shards(const struct im_raw_map *map)
{
    size_t shards = map->wanted_shards;
    if (shards == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        shards = cores > 0 ? (size_t)cores * SHARDS_PER_CORE : 1;
        shards = shards < IM_MAP_SHARDS ? IM_MAP_SHARDS : shards;
    }
    return shards < IM_MAP_MAX_SHARDS ? (uint32_t)1 << bits_of(shards) : IM_MAP_MAX_SHARDS;
}

static void lock_shard(struct im_map_write *write, const struct im_map_type *type, struct im_map_shard *shard)
{
    if (!im_sync_mutex_try_lock(&shard->lock)) {
        lock_offline(&shard->lock, type);
        shard->contended_locks++;
    }
    write->shard = shard;
}

void im_raw_map_unlock(struct im_map_write *write)
{
    im_sync_mutex_unlock(&write->shard->lock);
    write->shard = NULL;
}

/* Only who has the first shard locked makes an array of shards. */
static bool may_split(const struct im_map_write *write)
{
    return write->shard == &write->map->first && write->map->wanted_shards != 1;
}

static void shards_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards)
{
    for (size_t i = 0; i < shard_count(map, shards); i++) {
        struct im_map_table *table = im_map_view(im_sync_load(&shards[i].table, memory_order_relaxed)).table;
        if (table)
            table_free(map, type, table);
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

/* Give each shard a table with room for what belongs there of the old one, and half as much again. */
static int make_tables(struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *old,
                       struct im_map_shard *shards)
{
    FOR_EACH_USED_SLOT(old, slot)
    {
        uint64_t hash = type->hash_slot(im_map_slot(old, slot, type->slot_bytes), seed_of(map));
        add_length(&shards[im_map_shard_index(hash, map->shard_mask)], 1);
    }
    for (size_t i = 0; i < shard_count(map, shards); i++) {
        uint32_t bits = 0;
        struct im_map_table *table;
        int error = bits_for(length_of(&shards[i]) / 2 * 3, &bits);
        if (!error)
            error = table_new(map, type, bits, &table);
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
        copy_slot(type, source, hash, im_map_view(im_sync_load(&shard->table, memory_order_relaxed)).table);
    }
}

/*
 * Spread the first shard over many. The caller has it locked, and the shard of `hash` afterwards. ENOMEM: all is as
 * before.
 */
static int split(struct im_map_write *write, const struct im_map_type *type, uint64_t hash)
{
    struct im_raw_map *map = write->map;
    struct im_map_table *old = im_map_writers_table(write);
    map->shard_mask = wanted_shards(map) - 1;
    struct im_map_shard *shards = shards_new(map);
    if (!shards)
        return ENOMEM;
    int error = old ? make_tables(map, type, old, shards) : 0;
    if (error) {
        shards_free(map, type, shards);
        return error;
    }

    struct im_map_shard *own = &shards[im_map_shard_index(hash, map->shard_mask)];
    const bool in_place = old && type->changes_in_place;
    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns();
    im_sync_mutex_lock(&own->lock);
    if (in_place) {
        /* Relaxed: who sees the shards sees it, too. */
        im_sync_store(&map->splitting, 1, memory_order_relaxed);
        pause_changes(map, type);
    }
    if (old)
        copy_to_shards(map, type, old, shards);
    /* Release: the shards are filled before they are seen; pairs with the acquires of `shards`. */
    im_sync_store(&map->shards, shards, memory_order_release);
    if (in_place) {
        synchronize(map, type);
        resume_changes(map);
        /* Release: the old table has no walker; pairs with the acquire in waited_for_split(). */
        im_sync_store(&map->splitting, 0, memory_order_release);
        end_table(map, type, old, IM_MAP_NO_PART);
    } else if (old) {
        leave_behind(write, type, old, IM_MAP_NO_PART);
    }
    im_sync_mutex_unlock(&write->shard->lock);
    write->shard = own;
    if (old)
        record_growth(map, began_ns);
    im_sync_cancel_restore(cancel_state);
    return 0;
}

/* The array of shards, for one who is about to lock. */
static struct im_map_shard *shards_of(const struct im_raw_map *map)
{
    /* Acquire: they are filled; pairs with the release in split(). */
    return im_sync_load(&map->shards, memory_order_acquire);
}

/*
 * Whether the shards that were seen could not be changed yet: with values that change in place, as long as there may be
 * walks in the table from before. Then that is over now.
 */
static bool waited_for_split(struct im_raw_map *map, const struct im_map_type *type)
{
    /* Acquire: pairs with the release in split(). */
    if (IM_LIKELY(!im_sync_load(&map->splitting, memory_order_acquire)))
        return false;
    lock_offline(&map->first.lock, type);
    im_sync_mutex_unlock(&map->first.lock);
    return true;
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
    while (!(shards = shards_of(map)) || waited_for_split(map, type)) {
        if (shards)
            continue;
        lock_shard(write, type, &map->first);
        if (is_split(map)) {
            im_raw_map_unlock(write);
            continue;
        }
        if (IM_UNLIKELY(map->first.contended_locks > CONTENDED_MAX) && may_split(write)) {
            map->first.contended_locks = 0;
            (void)split(write, type, hash); /* no memory for it: then not */
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
        if (shards && waited_for_split(map, type))
            continue;
        lock_shard(write, type, shards ? &shards[*at] : &map->first);
        if (shards || !is_split(map)) {
            /* What is split after this was seen whole. */
            *at = shards ? *at + 1 : SIZE_MAX;
            return true;
        }
        im_raw_map_unlock(write);
    }
}

/*
 * Rebuild the table because it has no room: larger, or as large as it is when much of it is deleted and retired
 * slots.
 */
static int rebuild_with_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash)
{
    const struct im_map_table *table = im_map_writers_table(write);
    if (!table)
        return may_split(write) && write->map->wanted_shards > 1 ? split(write, type, hash) : rebuild(write, type, 0);
    uint32_t bits = table->group_bits;
    if (length_of(write->shard) >= capacity_of(im_map_slots_of(table)) / 2)
        bits += GROWTH_BITS;
    return bits > SINGLE_MAX_BITS && may_split(write) ? split(write, type, hash) : rebuild(write, type, bits);
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

/* ---- Changes ---- */

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
    uint64_t seed = seed_of(map);
    if (IM_LIKELY(seed))
        return seed;
    lock_offline(&map->first.lock, type);
    /* Relaxed: readers look at it after they acquired a table, or the shards, that were published after it. */
    seed = seed_of(map);
    if (!seed)
        im_sync_store(&map->seed, seed = new_seed(), memory_order_relaxed);
    im_sync_mutex_unlock(&map->first.lock);
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
    if (IM_UNLIKELY(write->left_too_much_behind || write->waits))
        clean_up_behind(write, type);
    im_sync_nesting()->depth--;
}

/* A free slot is about to be used: no longer room if it was an empty one. */
static void take_slot(struct im_map_table *table, size_t slot)
{
    if (im_map_control_byte(table, slot) == IM_MAP_EMPTY)
        table->room--;
    else
        im_sync_store(&table->deleted, im_sync_load(&table->deleted, memory_order_relaxed) - 1, memory_order_relaxed);
}

void im_raw_map_publish(struct im_map_write *write, size_t slot, uint64_t hash)
{
    struct im_map_table *table = im_map_writers_table(write);
    take_slot(table, slot);
    set_control(table, slot, im_map_hash_mark(hash));
    add_length(write->shard, 1);
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
    struct im_map_table *table = im_map_writers_table(write);
    take_slot(table, slot);
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

int im_raw_map_make_room_near(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t near,
                              size_t *slot)
{
    const struct im_map_table *table = im_map_writers_table(write);
    *slot = free_slot_in_word(table, near);
    if (*slot != IM_MAP_NOWHERE && has_room_for(table, *slot))
        return 0;
    return im_raw_map_make_room(write, type, hash, slot);
}

void im_raw_map_retire(struct im_map_write *write, size_t slot, enum im_map_parts drop)
{
    struct im_map_table *table = im_map_writers_table(write);
    log_retirement(table, slot, IM_MAP_NOWHERE, drop);
    set_control(table, slot, IM_MAP_RETIRED);
    end_retirement(table);
    add_length(write->shard, (size_t)-1);
}

/* Whether a copy of the table, with the retired slots left behind, costs less than a grace period. */
static bool is_better_copied(const struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = im_map_writers_table(write);
    return !type->changes_in_place && table->group_bits <= COPIED_MAX_BITS && !write->map->synchronous &&
           is_for_helper(write->map, type, table, IM_MAP_NO_PART);
}

void im_raw_map_prepare_retire(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = im_map_writers_table(write);
    if (!im_map_is_log_full(table))
        return;
    if (!is_better_copied(write, type) || rebuild(write, type, table->group_bits) != 0)
        im_raw_map_reclaim(write, type);
}

/* A retired slot that no reader looks at any more. */
static void free_slot(struct im_map_table *table, size_t slot)
{
    /* I2: a group that still has an empty slot was never full. */
    if (im_map_group_match_empty(group_of_slot(table, slot))) {
        set_control(table, slot, IM_MAP_EMPTY);
        table->room++;
    } else {
        set_control(table, slot, IM_MAP_DELETED);
        im_sync_store(&table->deleted, im_sync_load(&table->deleted, memory_order_relaxed) + 1, memory_order_relaxed);
    }
}

void im_raw_map_reclaim(struct im_map_write *write, const struct im_map_type *type)
{
    struct im_map_table *table = im_map_writers_table(write);
    if (!table || retired_count_of(table) == 0)
        return;
    int cancel_state = im_sync_cancel_disable();
    synchronize(write->map, type);
    drop_retired(write->map, type, table);
    const size_t end = im_sync_load(&table->retirements, memory_order_relaxed) / 2;
    for (size_t i = im_sync_load(&table->reclaimed, memory_order_relaxed); i < end; i++)
        free_slot(table, table->retired[i % table->retired_limit].slot);
    im_sync_store(&table->reclaimed, end, memory_order_relaxed);
    im_sync_cancel_restore(cancel_state);
}

void im_raw_map_settle(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_shard *shard = write->shard;
    const struct im_map_table *table = im_map_writers_table(write);
    if (!table || table->group_bits <= SHRINK_MIN_BITS || groups_of(table) <= shard->least_groups ||
        length_of(shard) >= im_map_slots_of(table) / 8 * SPARSE_LOAD_OF_8)
        return;
    (void)rebuild(write, type, table->group_bits - SHRINK_BITS); /* no memory for it: then not */
}

/* ---- The whole map ---- */

struct im_map_table *im_raw_map_detach(struct im_map_write *write)
{
    struct im_map_table *table = im_map_writers_table(write);
    /* Relaxed: nothing to look at. */
    im_sync_store(&write->shard->table, 0, memory_order_relaxed);
    im_sync_store(&write->shard->length, 0, memory_order_relaxed);
    return table;
}

void im_raw_map_await_readers(struct im_map_write *write, const struct im_map_type *type)
{
    synchronize(write->map, type);
}

void im_raw_map_end_table(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                          enum im_map_parts drop)
{
    end_table(write->map, type, table, drop);
}

void im_raw_map_init(struct im_raw_map *map, const struct im_map_options *options)
{
    const struct im_map_options none = {0};
    options = options ? options : &none;
    *map = (struct im_raw_map){
        .allocator = options->allocator, .wanted_shards = options->shards, .synchronous = options->synchronous};
}

/* Room for `additional` more keys in a locked shard; `least` of them are to stay when it shrinks. */
static int reserve_in_shard(struct im_map_write *write, const struct im_map_type *type, size_t additional)
{
    struct im_map_shard *shard = write->shard;
    const struct im_map_table *table = im_map_writers_table(write);
    size_t length;
    uint32_t bits;
    if (__builtin_add_overflow(length_of(shard), additional, &length) || bits_for(length, &bits))
        return EOVERFLOW;
    if (table && table->group_bits > bits)
        bits = table->group_bits;
    if (!table || table->room < additional) {
        int error = rebuild(write, type, bits);
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
    size_t deviation = (size_t)1 << ((bits_of(mean) + 1) / 2);
    return shards == 1 ? keys : mean + 5 * deviation;
}

/* A map that will be large, or that shall have many shards from the start. */
static int split_for(struct im_map_write *write, const struct im_map_type *type, size_t length)
{
    int error = 0;
    uint32_t bits = 0;
    if (shards_of(write->map) || write->map->wanted_shards == 1)
        return 0;
    im_raw_map_lock(write, type, 0);
    if (may_split(write) && (write->map->wanted_shards > 1 || bits_for(length, &bits) || bits > SINGLE_MAX_BITS))
        error = split(write, type, 0);
    im_raw_map_unlock(write);
    return error;
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
    else if (additional > 0 && im_raw_map_draw_seed(map, type))
        error = split_for(&write, type, length);
    for (size_t at = 0; additional > 0 && !error && im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write))
        error = reserve_in_shard(&write, type, share_of(additional, shard_count(map, shards_of(map))));
    im_raw_map_write_end(&write, type);
    return error;
}

static int shrink_shard_to_fit(struct im_map_write *write, const struct im_map_type *type)
{
    const struct im_map_table *table = im_map_writers_table(write);
    const size_t length = length_of(write->shard);
    uint32_t bits = 0;
    write->shard->least_groups = 0;
    if (!table)
        return 0;
    if (length == 0) {
        leave_behind(write, type, im_raw_map_detach(write), IM_MAP_NO_PART);
        return 0;
    }
    int error = bits_for(length, &bits);
    return !error && bits < table->group_bits ? rebuild(write, type, bits) : error;
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
    return error;
}

int im_raw_map_clear(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_write write;
    int error = im_map_write_begin(&write, map, type->rcu->in_section());
    if (error)
        return error;
    for (size_t at = 0; im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write)) {
        struct im_map_table *table = im_raw_map_detach(&write);
        if (table)
            leave_behind(&write, type, table, IM_MAP_BOTH_PARTS);
    }
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
    write.waits = true;
    im_raw_map_write_end(&write, type);
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

/* The table of a shard, in a read section. */
static struct im_map_view view_of(const struct im_map_shard *shard)
{
    /* Acquire: the table is filled; pairs with the release in publish_table(). */
    return im_map_view(im_sync_load(&shard->table, memory_order_acquire));
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
    };
    const size_t bytes = im_sync_load(&map->bytes, memory_order_relaxed);
    stats.bytes = bytes > stats.left_behind_bytes ? bytes - stats.left_behind_bytes : 0;
    for (size_t i = 0; i < stats.shards; i++) {
        const struct im_map_table *table = view_of(shards ? &shards[i] : &map->first).table;
        if (!table)
            continue;
        stats.capacity += capacity_of(im_map_slots_of(table));
        stats.retired += retired_count_of(table);
        stats.deleted += im_sync_load(&table->deleted, memory_order_relaxed);
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
            uint64_t hash = type->hash_slot(im_map_slot(walk.table, slot, type->slot_bytes), seed_of(map));
            size_t groups = groups_to(slot / IM_MAP_GROUP_SLOTS, hash, walk.words / IM_MAP_GROUP_WORDS - 1);
            stats.keys++;
            stats.groups += groups;
            stats.longest = groups > stats.longest ? groups : stats.longest;
        }
    }
    return stats;
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
    for (size_t at = 0; im_raw_map_lock_next(&write, type, &at); im_raw_map_unlock(&write)) {
        struct im_map_table *table = im_raw_map_detach(&write);
        if (table)
            leave_behind(&write, type, table, IM_MAP_BOTH_PARTS);
    }
    /* The caller is alone with the map, but a reader that has let go of it may still be in its section. */
    write.waits = true;
    clean_up_behind(&write, type);
    struct im_map_shard *shards = shards_of(map);
    if (shards)
        shards_free(map, type, shards);
    im_raw_map_write_end(&write, type);
    im_sync_cancel_restore(cancel_state);
    im_raw_map_init(map, &(struct im_map_options){map->allocator, map->wanted_shards, map->synchronous});
}

/* ---- Walks ---- */

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
