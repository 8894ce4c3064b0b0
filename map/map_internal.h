/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the map's core share. The essay on top of raw_map.c tells how they work together.
 *
 *     raw_map.c      the whole map: made, sized, cleared, destroyed
 *     change.c       what a change of a key does to its shard: publish, replace, retire
 *     table.c        how large a table is, and what it begins with
 *     memory.c       its memory: in large maps, of huge pages
 *     growth.c       a shard's table is replaced by a larger or smaller one, at once or by and by
 *     shards.c       a map is split into many shards; they are locked
 *     phase.c        values that change in place are stopped, and let go
 *     reclamation.c  what waits for a grace period, and ends after it
 *     forks.c        the helper is not at work when the process is forked
 *     walk.c         walks over all elements
 *     stats.c        pictures of a map
 *     stall.c        readers that keep grace periods waiting are reported
 *     frozen.c       the checked build: what is frozen stays as it is
 *     sections.c     the checked build: read sections, and what was found in them
 *     late_use.c     the checked build: values that change in place, used after their section
 */
#ifndef INTERMUT_MAP_INTERNAL_H
#define INTERMUT_MAP_INTERNAL_H

#include <intermut/map_stall.h>
#include <intermut/raw_map.h>

struct im_map_shadow;

/* A grace period that is under way, for who watches over them. A zeroed one with its map, its type and its beginning. */
struct im_map_wait {
    struct im_raw_map *map;
    const struct im_map_type *type;
    uint64_t began_ns;
    long thread;
    unsigned told; /* how often */
    struct im_map_wait *next, **link;
};

enum {
    /* Slots in use at most: 7 of 8. Fuller tables search long, emptier ones waste memory (abseil's figure). */
    IM__MAP_MAX_LOAD_OF_8 = 7,
    /* A map of one shard is split before its table gets more groups (8,192 slots). */
    IM__MAP_SINGLE_MAX_BITS = 9,
};

/* To a multiple of a unit that is a power of two. */
static inline size_t round_down(size_t bytes, size_t unit)
{
    return bytes & ~(unit - 1);
}

static inline size_t round_up(size_t bytes, size_t unit)
{
    return round_down(bytes + unit - 1, unit);
}

static inline size_t capacity_of(size_t slots)
{
    return slots / 8 * IM__MAP_MAX_LOAD_OF_8;
}

static inline size_t capacity_in(uint32_t group_bits)
{
    return capacity_of((size_t)IM_MAP_GROUP_SLOTS << group_bits);
}

static inline size_t groups_of(const struct im_map_table *table)
{
    return (size_t)1 << table->group_bits;
}

/* Those that are done. */
static inline size_t retirements_of(const struct im_map_table *table)
{
    return im_sync_load(&table->retirements, memory_order_relaxed) / 2;
}

static inline size_t retired_count_of(const struct im_map_table *table)
{
    return retirements_of(table) - im_sync_load(&table->reclaimed, memory_order_relaxed);
}

static inline size_t length_of(const struct im_map_shard *shard)
{
    return im_sync_load(&shard->length, memory_order_relaxed);
}

static inline void add_length(struct im_map_shard *shard, size_t difference)
{
    im_sync_store(&shard->length, length_of(shard) + difference, memory_order_relaxed);
}

static inline size_t shard_count(const struct im_raw_map *map, const struct im_map_shard *shards)
{
    return shards ? (size_t)map->shard_mask + 1 : 1;
}

/* A statistic that only grows; any number of threads. */
static inline void raise_to(uint64_t *statistic, uint64_t value)
{
    uint64_t seen = im_sync_load(statistic, memory_order_relaxed);
    while (seen < value &&
           !im_sync_compare_exchange(statistic, &seen, value, memory_order_relaxed, memory_order_relaxed))
        continue;
}

static inline uint64_t seed_of(const struct im_raw_map *map)
{
    return im_sync_load(&map->seed, memory_order_relaxed);
}

/* The array of shards, for one who is about to lock. */
static inline struct im_map_shard *shards_of(const struct im_raw_map *map)
{
    /* Acquire: they are filled; pairs with the release in publish_shards() (shards.c). */
    return im_sync_load(&map->shards, memory_order_acquire);
}

static inline uint64_t word_with(uint64_t word, size_t slot, uint8_t byte)
{
    unsigned shift = 8 * (unsigned)(slot % IM_MAP_WORD_SLOTS);
    return (word & ~(UINT64_C(0xff) << shift)) | (uint64_t)byte << shift;
}

static inline void set_control(struct im_map_table *table, size_t slot, uint8_t byte)
{
    uint64_t *word = &table->control[slot / IM_MAP_WORD_SLOTS];
    /* Release: a slot is filled before it is seen in use (I1); pairs with the acquire in im_map_group_load(). */
    im_sync_store(word, word_with(im_sync_load(word, memory_order_relaxed), slot, byte), memory_order_release);
}

static inline struct im_map_group group_of_slot(const struct im_map_table *table, size_t slot)
{
    return im_map_group_load(&table->control[slot / IM_MAP_GROUP_SLOTS * IM_MAP_GROUP_WORDS]);
}

/* The table and its size in one word: im_map_view() takes it apart. */
static inline uintptr_t word_of(const struct im_map_table *table)
{
    return (uintptr_t)table | table->group_bits;
}

/* The row of a locked shard's tables: im_map_newer_table() is the next. */
static inline struct im_map_table *first_table(const struct im_map_shard *shard)
{
    return im_map_view(im_sync_load(&shard->table, memory_order_relaxed)).table;
}

#define FOR_EACH_TABLE(shard, table) \
    for (struct im_map_table *table = first_table(shard); (table); (table) = im_map_newer_table(table))

/* Whether a shard has more tables than one. Relaxed: the lock is held, or this will be asked again with it. */
static inline bool is_growing(const struct im_map_shard *shard)
{
    return im_sync_load(&shard->newest, memory_order_relaxed) != 0;
}

/* Of a locked shard. */
static inline struct im_map_table *newest_table(const struct im_map_shard *shard)
{
    return is_growing(shard) ? im_map_view(im_sync_load(&shard->newest, memory_order_relaxed)).table
                             : first_table(shard);
}

/*
 * The table that all keys will lie in when growth is finished, with its size; 0: this one. It stays as long as this one
 * does, and is not ready until growth is being finished.
 */
static inline uintptr_t whole_of(const struct im_map_table *table)
{
    return im_sync_load(&table->whole, memory_order_relaxed);
}

/* How many groups all keys of a locked shard will lie in, by its newest table. */
static inline uint32_t whole_bits_of(const struct im_map_table *newest)
{
    return whole_of(newest) ? im_map_bits_of_word(whole_of(newest)) : newest->group_bits;
}

/* Of a locked shard: begin a row with a table that follows the first one, or have a further one in it. */
static inline void extend_row(struct im_map_shard *shard, const struct im_map_table *newest)
{
    /* Relaxed: who knows of a key in that table knows that the shard grows, and the way. */
    im_sync_store(&shard->newest, word_of(newest), memory_order_relaxed);
    /* Release: also who finds this number finds the moves of before done; pairs with the acquire in NAME__place_in(). */
    im_sync_store(&shard->moves, im_sync_load(&shard->moves, memory_order_relaxed) | IM_MAP_ROW, memory_order_release);
}

/* Of a locked shard with a row: its first table, which is published, is its only one, or there is none. */
static inline void end_row(struct im_map_shard *shard)
{
    const uint64_t moves = im_sync_load(&shard->moves, memory_order_relaxed);
    /* Release, both: a search that finds this shard not growing any more finds its new table; pairs with the acquires in
     * NAME__search_stands(), NAME__place_in() and enter_shard() (walk.c). */
    im_sync_store(&shard->newest, 0, memory_order_release);
    im_sync_store(&shard->moves, (moves & ~IM_MAP_ROW) + 2, memory_order_release);
}

static inline void publish_table(struct im_map_shard *shard, const struct im_map_table *table)
{
    /* Release: the table is filled before it is seen; pairs with the acquire of the table in map_template.h. */
    im_sync_store(&shard->table, word_of(table), memory_order_release);
}

/* The table of a shard, in a read section. */
static inline struct im_map_view view_of(const struct im_map_shard *shard)
{
    /* Acquire: the table is filled; pairs with the release in publish_table(). */
    return im_map_view(im_sync_load(&shard->table, memory_order_acquire));
}

/* The next table of a row, in a read section. */
static inline struct im_map_view newer_view(const struct im_map_table *table)
{
    /* Acquire: it is empty before it is seen; pairs with the release in begin_growth() (growth.c). */
    return im_map_view(im_sync_load(&table->newer, memory_order_acquire));
}

/* The holder of a lock may be waiting for a grace period, and that for us. */
static inline void lock_offline(struct im_map_lock *lock, const struct im_map_type *type)
{
    bool was_online = type->rcu->offline();
    im_map_lock_take(lock);
    if (was_online)
        type->rcu->online();
}

/* Only who has the first shard locked makes an array of shards. */
static inline bool may_split(const struct im_map_write *write)
{
    return write->shard == &write->map->first && write->map->wanted_shards != 1;
}

/*
 * The first free slot on the path of a hash. There is one: capacity_of() leaves empty slots in every table. It may be
 * an empty one that the table has no room for.
 */
static inline size_t free_slot_on_path(const struct im_map_table *table, uint64_t hash)
{
    const size_t group_mask = im_map_slots_of(table) - IM_MAP_GROUP_SLOTS;
    struct im_map_probe probe = im_map_probe_start(hash, group_mask);
    for (;;) {
        const size_t first = probe.group * IM_MAP_GROUP_SLOTS;
        const size_t slot = im_map_free_slot_in_group(im_map_group_load(im_map_group_of(table, first)), first, hash);
        if (slot != IM_MAP_NOWHERE)
            return slot;
        im_map_probe_next(&probe, group_mask);
    }
}

/* A free slot is about to be used: no longer room if it was an empty one. */
static inline void take_slot(struct im_map_table *table, size_t slot)
{
    if (im_map_control_byte(table, slot) == IM_MAP_EMPTY)
        table->room--;
    else
        im_sync_store(&table->deleted, im_sync_load(&table->deleted, memory_order_relaxed) - 1, memory_order_relaxed);
}

static inline bool has_room_for(const struct im_map_table *table, size_t slot)
{
    return table->room > 0 || im_map_control_byte(table, slot) == IM_MAP_DELETED;
}

/* The slots in use of a table that nobody else changes: `slot` is each of them in turn. */
#define FOR_EACH_USED_SLOT(table, slot)                                                                          \
    for (size_t slot##_word = 0, slot = 0; slot##_word < groups_of(table) * IM_MAP_GROUP_WORDS; slot##_word++)   \
        for (unsigned slot##_used =                                                                              \
                 im_map_word_match_full(im_sync_load(&(table)->control[slot##_word], memory_order_relaxed));     \
             slot##_used && (slot = slot##_word * IM_MAP_WORD_SLOTS + (size_t)__builtin_ctz(slot##_used), true); \
             slot##_used &= slot##_used - 1)

/* What one part has for the others; each is told about where it is defined. */
#pragma GCC visibility push(hidden)

/* table.c */
/* With those of its whole one. */
size_t im__map_table_bytes(const struct im_map_type *type, const struct im_map_table *table);
int im__map_table_new(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                      struct im_map_table **new_table);
/* The same of one that is soon to be left. */
int im__map_table_new_aside(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                            struct im_map_table **new_table);
/* The same for one of the shards that the map is being split into: with the first one locked, or spread. */
int im__map_table_new_for_split(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                                struct im_map_table **new_table);
/*
 * The same of one that is to be used later, whose memory nobody has touched: where it will be, and its size. Who makes it
 * ready waits for its pages. Never in the checked build.
 */
int im__map_table_new_unready(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits,
                              uintptr_t *unready);
void im__map_table_make_ready(struct im_raw_map *map, const struct im_map_type *type, uintptr_t unready);
/* Whether it was made ready or not. */
void im__map_table_free_unready(struct im_raw_map *map, const struct im_map_type *type, uintptr_t unready);
/* See that there is memory at hand for such a table for each shard. */
void im__map_table_reserve(struct im_raw_map *map, const struct im_map_type *type, uint32_t group_bits);
void im__map_table_fault_in(const struct im_raw_map *map, const struct im_map_type *type,
                            const struct im_map_table *table);
void im__map_table_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table);
int im__map_bits_for(size_t length, uint32_t *group_bits);
uint32_t im__map_bits_of(size_t power_of_two_at_least);

/*
 * memory.c: as im_allocate() and im_release() with the map's allocator, for a table: `bytes`, and elsewhere, at *seldom,
 * the part that is seldom used, aligned as `bytes` are. errno is left alone.
 */
void *im__map_memory_new(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment, void **seldom);
/* The same of what is used later: nobody needs to wait for its huge pages now. */
void *im__map_memory_new_unready(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                                 void **seldom);
/* The `seldom` part of that. */
void *im__map_memory_seldom_of(struct im_raw_map *map, void *memory, size_t bytes);
/* The same of what will not last: among tables that are being left, if there is room. */
void *im__map_memory_new_aside(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                               void **seldom);
/* The same for a shard that is to be. */
void *im__map_memory_new_for_split(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment,
                                   void **seldom);
void im__map_memory_free(struct im_raw_map *map, void *memory, size_t bytes);
/* Make all huge pages for such tables of all shards now. */
void im__map_memory_reserve(struct im_raw_map *map, size_t bytes, size_t seldom_bytes, size_t alignment);
/* Make one huge page, which may take milliseconds, for tables to come, or give back what none came for, or is left of them. False: done. */
bool im__map_memory_do_page_work(struct im_raw_map *map);
/* Only give back, what growths left behind, too: now, unless a shard grows or somebody is at it. */
void im__map_memory_give_back(struct im_raw_map *map);
/* Whether page work has still to make a page that an address lies on. */
bool im__map_memory_will_be_made(struct im_raw_map *map, const void *memory);
/* None are to come; blocks without any go. */
void im__map_memory_expect_none(struct im_raw_map *map);
/* See that a fork() waits for the lock of memory, after what was told of forks later. */
void im__map_memory_watch_forks(void);

/* Around each grace period. */
void im__map_wait_begins(struct im_map_wait *wait);
void im__map_wait_ends(struct im_map_wait *wait);
/* The read sections of a flavour that were opened before, the oldest first; how many were written to `list`. */
size_t im__map_readers(const char *flavour, uint64_t before_ns, uint64_t now_ns, struct im_map_reader *list,
                       size_t capacity);
/* See that the list of these is whole in the child of a fork(), and that of grace periods. */
void im__map_sections_watch_forks(void);
void im__map_stall_watch_forks(void);
/* Before the first helper, and around each round of one: a fork() waits for it. */
void im__map_watch_forks(void);
/* A number of this process that neither its parent nor its children have. */
uint32_t im__map_process(void);
void im__map_round_begins(void);
void im__map_round_ends(void);

/*
 * The checked build: the shadow of a table has what was put into its slots. NULL: no memory, nothing is compared. The
 * others are for tables that have one. `seen` completes the sentence, a panic, if something was changed.
 */
struct im_map_shadow *im__map_shadow_new(const struct im_raw_map *map, const struct im_map_type *type, size_t slots);
void im__map_shadow_free(struct im_map_shadow *shadow);
void im__map_shadow_fill(const struct im_map_table *table, size_t slot);
void im__map_shadow_compare(const struct im_map_table *table, size_t slot, const char *seen);
void im__map_shadow_compare_used(const struct im_map_table *table, const char *seen);
/* A value that changes in place was moved into this slot. */
void im__map_shadow_moved(const struct im_map_table *table, size_t slot, const void *from);
/* Slots from `slot` on that have nothing in them any more. */
void im__map_shadow_forget(const struct im_map_table *table, size_t slot, size_t count);
/* Panics if the slot `was` became `is` in more than its padding. `found`: where, or NULL. */
void im__map_refuse_change(const struct im_raw_map *map, const struct im_map_type *type, const void *was,
                           const void *is, const char *seen, const struct im_panic_line *found);
/* The key of a slot as text, terminated. */
void im__map_print_key(const struct im_map_check *check, const void *slot, char *text, size_t size);

/* A signal handler that sees another number than 0 has interrupted what it must not wait for. */
extern __thread unsigned im__map_is_busy;

/* The first bytes of a key: to tell whether it is still there. */
struct im_map_key_bytes {
    unsigned char bytes[16];
};

/* Where a slot was found that is not shown any more. */
struct im_map_late {
    struct im_map_key_bytes key;
    struct im_site site; /* without a file: not known */
    long thread;
};

enum im_map_lateness { IM_MAP_IN_TIME, IM_MAP_AFTER_SECTION, IM_MAP_OUTSIDE, IM_MAP_IN_WALK };

/* Whether this thread may use a value that changes in place; *late is written for IM_MAP_AFTER_SECTION. */
enum im_map_lateness im__map_section_lateness(const struct im_raw_map *map, const struct im_map_type *type,
                                              const void *slot, struct im_map_late *late);
/* From a table's beginning to its end, if it has a shadow and values that change in place: uses of those are looked at. */
void im__map_table_listed(const struct im_raw_map *map, const struct im_map_type *type,
                          const struct im_map_table *table);
void im__map_table_unlisted(const struct im_map_table *table);
struct im_map_key_bytes im__map_key_bytes(const struct im_map_type *type, const void *slot);

/* growth.c */
void im__map_copy_slot(const struct im_map_type *type, const void *source, uint64_t hash, struct im_map_table *to);
void im__map_copy_slots(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *from,
                        struct im_map_table *to);
void im__map_record_pause(struct im_raw_map *map, uint64_t began_ns);
int im__map_resize(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits);
/* The same for who needs the new table now, in which all keys are: of frozen values, and in a shard with one table. */
int im__map_resize_at_once(struct im_map_write *write, const struct im_map_type *type, uint32_t group_bits);
/* As im_raw_map_make_room(), in a table that all keys are in. */
int im__map_make_room_at_once(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t *slot);
int im__map_want_split(struct im_map_write *write, const struct im_map_type *type);
/*
 * Finish growths, of so many keys or a few more: each shard keeps one table. SIZE_MAX: all; otherwise those are
 * passed over for whose tables the helper has still to make pages. The first shard looked at is `*at`, where the next
 * call goes on. With nothing locked. Passed over are shards that somebody has locked, since his callback may wait for
 * one who waits until values may be changed: one of those, for im__map_wait_for_shard(), or NULL. write->grows: there
 * is a further growth. *goes_on: set if a key was copied, and cleared if somebody waited to change values meanwhile.
 */
struct im_map_shard *im__map_finish_growths(struct im_map_write *write, const struct im_map_type *type, size_t *at,
                                            size_t most_keys, bool *goes_on);
/* Whether some can be finished now; in doubt. With nothing locked. */
bool im__map_can_finish_growths(struct im_map_write *write, const struct im_map_type *type);
/* The same of all that there are, whoever has them locked. */
void im__map_finish_all_growths(struct im_map_write *write, const struct im_map_type *type);

/* shards.c */
int im__map_split(struct im_map_write *write, const struct im_map_type *type, const uint64_t *hash);
int im__map_split_by_and_by(struct im_map_write *write, const struct im_map_type *type);
/* Finish the growth of a locked shard that has a table aside. EBUSY: it is as it was, and not locked any more. */
int im__map_finish_aside(struct im_map_write *write, const struct im_map_type *type);
void im__map_shards_free(struct im_raw_map *map, const struct im_map_type *type, struct im_map_shard *shards,
                         size_t count);
bool im__map_grows(const struct im_raw_map *map);
/*
 * Lock the shard with this number, of as many as there are, if it grows. Who has it locked for longer than most changes
 * take is not waited for, but told of in *busy.
 */
bool im__map_try_lock_growing(struct im_map_write *write, const struct im_map_type *type, size_t at,
                              struct im_map_shard **busy);
/* Whether nobody has it locked for longer than most changes take, one after the other though they may have it. */
bool im__map_is_unlocked_for_a_moment(struct im_map_shard *shard);
/* Until it is not locked. With nothing locked, and changes in place allowed. */
void im__map_wait_for_shard(struct im_map_shard *shard, const struct im_map_type *type);

/* phase.c */
void im__map_pause_changes(struct im_raw_map *map, const struct im_map_type *type);
/* Whether somebody waited for it, or still does. */
bool im__map_resume_changes(struct im_raw_map *map);

/* reclamation.c */
void im__map_synchronize(struct im_raw_map *map, const struct im_map_type *type);
void im__map_end_table(struct im_raw_map *map, const struct im_map_type *type, struct im_map_table *table,
                       enum im_map_parts ends);
void im__map_leave_behind(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                          enum im_map_parts ends);
void im__map_clean_up_behind(struct im_map_write *write, const struct im_map_type *type);
void im__map_await_helper(const struct im_raw_map *map, const struct im_map_type *type, bool to_its_end);

#pragma GCC visibility pop

#endif
