/* SPDX-License-Identifier: MIT */
/*
 * How the map works, and why it is right.
 *
 * A table is one allocation of groups of sixteen slots, each with a control byte (map_group.h). A key lives in the
 * first group on its probe path that had a free slot when it came; a search follows the path and ends at a group with
 * an empty slot. One writer at a time changes the map, under its lock; readers take no lock and never write to the map.
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
 *
 * Growth follows the design below: lock; allocate; copy; publish the new table; grace period; free the old one
 * without ending keys and values, which live on in the new one; unlock. A reader has one of the two tables for the
 * length of its search, and both have the same keys until the grace period is over, because the writer has not moved
 * on.
 *
 * Values that change in place (type->changes_in_place) need two things more, or changes are lost:
 *   - before the copy, `phase` becomes odd and a grace period passes: sections that may change values do not begin
 * while it
 *     is odd, and all that began before are over;
 *   - it becomes even again only after the grace period that follows the publication: until then somebody (a for_each)
 *     may still look at the old table, and must not miss a change that was completed in the new one.
 * Who finds `phase` odd leaves its read section before it sleeps: otherwise the writer would wait for it and it for
 * the writer.
 *
 * Cancellation: whatever is a cancellation point and runs under the lock (grace periods, drawing the seed, callbacks)
 * is shielded from it; to shield every change would cost each 40 ns.
 *
 * Progress: searches are lock-free, and wait-free while no key is replaced; writers wait for each other, for growth,
 * for a grace period once per `retired_limit` removed or replaced keys, and for one whenever a value that readers may
 * still change or look at is handed out.
 *
 * Sources: the RCU map of "Interior mutability and safety of ownership transfer in Rust", Rust Internals forum, March
 * 2026; abseil's SwissTable (layout); P. McKenney, "Is Parallel Programming Hard", chapter 9 (RCU).
 */
#include <intermut/raw_map.h>

#include <stdalign.h>
#include <string.h>
#include <sys/random.h>

enum {
    GROWTH_FACTOR = 2,
    /* Slots in use at most: 7 of 8. Fuller tables search long, emptier ones waste memory (abseil's figure). */
    MAX_LOAD_OF_8 = 7,
    /*
     * A grace period costs some 50 us under load: shared by at least 8 removals, and by at most 4096, to bound the
     * memory held.
     */
    RETIRED_MIN = 8,
    RETIRED_MAX = 4096,
};

static size_t groups_of(const struct im_map_table *table)
{
    return (size_t)table->group_mask + 1;
}

static size_t slots_of(const struct im_map_table *table)
{
    return groups_of(table) * IM_MAP_GROUP_SLOTS;
}

static size_t capacity_of(size_t groups)
{
    return groups * IM_MAP_GROUP_SLOTS / 8 * MAX_LOAD_OF_8;
}

static size_t retired_count_of(const struct im_map_table *table)
{
    return im_sync_load(&table->retired_count, memory_order_relaxed);
}

static struct im_map_table *current_table(const struct im_raw_map *map)
{
    /* Relaxed: only writers come here, and the lock orders them. */
    return im_sync_load(&map->table, memory_order_relaxed);
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

/* Sizes of the parts of a table's allocation; all offsets from its start. */
struct layout {
    size_t slots_at;
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
static int lay_out(const struct im_map_type *type, size_t groups, struct layout *layout)
{
    size_t alignment = type->slot_alignment > IM_CACHE_LINE_BYTES ? type->slot_alignment : IM_CACHE_LINE_BYTES;
    size_t slots, control_bytes, slots_bytes, retired_bytes, bytes;
    if (__builtin_mul_overflow(groups, (size_t)IM_MAP_GROUP_SLOTS, &slots) ||
        __builtin_add_overflow(sizeof(struct im_map_table) + alignment, slots, &control_bytes) ||
        __builtin_mul_overflow(slots, type->slot_bytes, &slots_bytes))
        return EOVERFLOW;

    size_t retired = slots / 8;
    layout->retired_limit = retired < RETIRED_MIN ? RETIRED_MIN : retired > RETIRED_MAX ? RETIRED_MAX : retired;
    retired_bytes = layout->retired_limit * sizeof(struct im_map_retired) + alignof(struct im_map_retired);
    if (__builtin_add_overflow(control_bytes, slots_bytes, &bytes) ||
        __builtin_add_overflow(bytes, retired_bytes, &bytes) || bytes > PTRDIFF_MAX)
        return EOVERFLOW;

    layout->alignment = alignment;
    layout->slots_at = round_up(sizeof(struct im_map_table) + slots, type->slot_alignment);
    layout->retired_at = round_up(layout->slots_at + slots_bytes, alignof(struct im_map_retired));
    layout->bytes = layout->retired_at + layout->retired_limit * sizeof(struct im_map_retired);
    return 0;
}

static int table_new(const struct im_raw_map *map, const struct im_map_type *type, size_t groups,
                     struct im_map_table **new_table)
{
    struct layout layout;
    int error = lay_out(type, groups, &layout);
    if (error)
        return error;
    unsigned char *memory = im_allocate(map->allocator, layout.bytes, layout.alignment);
    if (!memory)
        return ENOMEM;

    struct im_map_table *table = (void *)memory;
    *table = (struct im_map_table){
        .group_mask = groups - 1,
        .seed = map->seed,
        .slots = memory + layout.slots_at,
        .room = capacity_of(groups),
        .retired_limit = layout.retired_limit,
        .retired = (void *)(memory + layout.retired_at),
        .bytes = layout.bytes,
    };
    for (size_t word = 0; word < groups * IM_MAP_GROUP_WORDS; word++)
        im_sync_store(&table->control[word], UINT64_MAX, memory_order_relaxed);
    *new_table = table;
    return 0;
}

static void table_free(const struct im_raw_map *map, struct im_map_table *table)
{
    im_release(map->allocator, table, table->bytes);
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
    struct im_map_probe probe = im_map_probe_start(hash, table);
    size_t slot;
    while ((slot = free_slot_in_group(table, probe.group, hash)) == IM_MAP_NOWHERE)
        im_map_probe_next(&probe, table);
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

/* ---- Growth ---- */

static void copy_slots(const struct im_map_type *type, const struct im_map_table *from, struct im_map_table *to)
{
    size_t slots = slots_of(from);
    for (size_t slot = 0; slot < slots; slot++) {
        if (!im_map_control_is_full(im_map_control_byte(from, slot)))
            continue;
        const void *source = im_map_slot(from, slot, type->slot_bytes);
        uint64_t hash = type->hash_slot(source, from->seed);
        size_t target = free_slot_on_path(to, hash);
        /* Plain: nobody changes the source (frozen, or announced), nobody sees the target yet. */
        memcpy(im_map_slot(to, target, type->slot_bytes), source, type->slot_bytes);
        set_control(to, target, im_map_hash_mark(hash));
        to->room--;
    }
}

static void drop_retired(const struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table)
{
    if (!type->drop_slot)
        return;
    for (size_t i = 0; i < retired_count_of(table); i++) {
        const struct im_map_retired *retired = &table->retired[i];
        type->drop_slot(im_map_slot(table, retired->slot, type->slot_bytes), retired->drop, map->allocator);
    }
}

void im_raw_map_pause(struct im_raw_map *map, const struct im_map_type *type)
{
    /* Relaxed: the grace period makes it visible to every section that begins after it, and waits for all others. */
    im_sync_store(&map->phase, im_sync_load(&map->phase, memory_order_relaxed) + 1, memory_order_relaxed);
    int cancel_state = im_sync_cancel_disable();
    type->rcu->synchronize();
    im_sync_cancel_restore(cancel_state);
}

void im_raw_map_resume(struct im_raw_map *map)
{
    /* Relaxed: a section that sees changes allowed cannot have been there before the grace period that followed the
     * publication, or that would have waited for it; so it sees the new table, by RCU's own guarantee. */
    im_sync_store(&map->phase, im_sync_load(&map->phase, memory_order_relaxed) + 1, memory_order_relaxed);
    im_sync_wake(&map->phase, IM_SYNC_ALL);
}

void im_raw_map_wait_for_phase(const struct im_raw_map *map, const struct im_map_type *type)
{
    if (im_sync_load(&map->writer, memory_order_relaxed) == im_sync_thread_id())
        im_panic((struct im_site){0}, (struct im_site){0},
                 "map: read section of a %s opened in a callback of its own change: it would wait for itself",
                 type->name);
    bool was_online = type->rcu->offline();
    uint32_t phase;
    /* Relaxed: only the number itself matters; the section that is tried next looks at it again. */
    while ((phase = im_sync_load(&map->phase, memory_order_relaxed)) & 1)
        im_sync_wait(&map->phase, phase, IM_SYNC_FOREVER);
    if (was_online)
        type->rcu->online();
}

static void record_growth(struct im_raw_map *map, uint64_t pause_ns)
{
    if (pause_ns > im_sync_load(&map->longest_pause_ns, memory_order_relaxed))
        im_sync_store(&map->longest_pause_ns, pause_ns, memory_order_relaxed);
    im_sync_store(&map->growths, im_sync_load(&map->growths, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Replace the table by one with so many groups: allocate, copy, publish, grace period, free. */
static int rebuild(struct im_raw_map *map, const struct im_map_type *type, size_t groups)
{
    struct im_map_table *old = current_table(map);
    struct im_map_table *new;
    int error = table_new(map, type, groups, &new);
    if (error)
        return error;
    if (!old) {
        im_sync_store(&map->table, new, memory_order_release);
        return 0;
    }

    int cancel_state = im_sync_cancel_disable();
    uint64_t began_ns = im_sync_now_ns();
    if (type->changes_in_place)
        im_raw_map_pause(map, type);
    copy_slots(type, old, new);
    /* Release: the new table is filled before it is seen; pairs with the acquire of the table in map.h. */
    im_sync_store(&map->table, new, memory_order_release);
    type->rcu->synchronize();
    if (type->changes_in_place)
        im_raw_map_resume(map);
    drop_retired(map, type, old);
    table_free(map, old);

    record_growth(map, im_sync_now_ns() - began_ns);
    im_sync_cancel_restore(cancel_state);
    return 0;
}

/* The groups that a table needs to hold so many keys, 0 when there is no such number. */
static size_t groups_for(size_t length)
{
    size_t groups = 1;
    while (capacity_of(groups) < length) {
        if (__builtin_mul_overflow(groups, (size_t)GROWTH_FACTOR, &groups) ||
            groups > SIZE_MAX / IM_MAP_GROUP_SLOTS / MAX_LOAD_OF_8)
            return 0;
    }
    return groups;
}

/*
 * Rebuild the table because it has no room: larger, or as large as it is when much of it is deleted and retired
 * slots.
 */
static int rebuild_with_room(struct im_raw_map *map, const struct im_map_type *type)
{
    const struct im_map_table *table = current_table(map);
    if (!table)
        return rebuild(map, type, 1);
    size_t groups = groups_of(table);
    bool mostly_used = im_sync_load(&map->length, memory_order_relaxed) >= capacity_of(groups) / 2;
    if (mostly_used && __builtin_mul_overflow(groups, (size_t)GROWTH_FACTOR, &groups))
        return EOVERFLOW;
    return rebuild(map, type, groups);
}

int im_raw_map_make_room(struct im_raw_map *map, const struct im_map_type *type, uint64_t hash, size_t *slot)
{
    const struct im_map_table *table = current_table(map);
    if (table) {
        *slot = free_slot_on_path(table, hash);
        if (has_room_for(table, *slot))
            return 0;
    }
    int error = rebuild_with_room(map, type);
    if (error)
        return error;
    *slot = free_slot_on_path(current_table(map), hash);
    return 0;
}

/* ---- Changes ---- */

/* Drawn at the first change, so that a zeroed map is valid. Without entropy it is a fixed one: still a correct map. */
static void draw_seed(struct im_raw_map *map)
{
    int saved_errno = errno;
    int cancel_state = im_sync_cancel_disable();
    if (getrandom(&map->seed, sizeof map->seed, GRND_NONBLOCK) != sizeof map->seed || map->seed == 0)
        map->seed = UINT64_C(0x9e3779b97f4a7c15);
    im_sync_cancel_restore(cancel_state);
    errno = saved_errno;
}

int im_raw_map_begin_write(struct im_raw_map *map, const struct im_map_type *type)
{
    if (!map)
        return EINVAL;
    uintptr_t self = im_sync_thread_id();
    /* Relaxed: only this thread ever stores its own id here. */
    if (*im_sync_sections() > 0 || type->rcu->in_section() || im_sync_load(&map->writer, memory_order_relaxed) == self)
        return EDEADLK;
    /* The holder may be waiting for a grace period, and that for us. */
    bool was_online = type->rcu->offline();
    im_sync_mutex_lock(&map->lock);
    if (was_online)
        type->rcu->online();
    im_sync_store(&map->writer, self, memory_order_relaxed);
    if (map->seed == 0)
        draw_seed(map);
    return 0;
}

void im_raw_map_end_write(struct im_raw_map *map)
{
    im_sync_store(&map->writer, 0, memory_order_relaxed);
    im_sync_mutex_unlock(&map->lock);
}

/* A free slot is about to be used: no longer room if it was an empty one. */
static void take_slot(struct im_map_table *table, size_t slot)
{
    if (im_map_control_byte(table, slot) == IM_MAP_EMPTY)
        table->room--;
}

static void add_length(struct im_raw_map *map, size_t difference)
{
    size_t length = im_sync_load(&map->length, memory_order_relaxed);
    im_sync_store(&map->length, length + difference, memory_order_relaxed);
}

void im_raw_map_publish(struct im_raw_map *map, size_t slot, uint64_t hash)
{
    struct im_map_table *table = current_table(map);
    take_slot(table, slot);
    set_control(table, slot, im_map_hash_mark(hash));
    add_length(map, 1);
}

static void remember_retired(struct im_map_table *table, size_t slot, enum im_map_parts drop)
{
    size_t count = retired_count_of(table);
    table->retired[count] = (struct im_map_retired){slot, drop};
    im_sync_store(&table->retired_count, count + 1, memory_order_relaxed);
}

void im_raw_map_publish_instead(struct im_raw_map *map, size_t slot, uint64_t hash, size_t old, enum im_map_parts drop)
{
    struct im_map_table *table = current_table(map);
    take_slot(table, slot);
    if (slot / IM_MAP_WORD_SLOTS == old / IM_MAP_WORD_SLOTS) {
        uint64_t *word = &table->control[slot / IM_MAP_WORD_SLOTS];
        uint64_t both = word_with(im_sync_load(word, memory_order_relaxed), slot, im_map_hash_mark(hash));
        /* Release: as in set_control(). */
        im_sync_store(word, word_with(both, old, IM_MAP_RETIRED), memory_order_release);
    } else {
        /* Release, both (I3): pair with the acquire of `moves` at the start of a search, which then sees the old slot
         * in use after the first and the new one after the second. Who acquires a control word sees the count that came
         * before it. */
        uint64_t moves = im_sync_load(&table->moves, memory_order_relaxed);
        im_sync_store(&table->moves, moves + 1, memory_order_release);
        set_control(table, slot, im_map_hash_mark(hash));
        im_sync_store(&table->moves, moves + 2, memory_order_release);
        set_control(table, old, IM_MAP_RETIRED);
    }
    remember_retired(table, old, drop);
}

int im_raw_map_make_room_near(struct im_raw_map *map, const struct im_map_type *type, uint64_t hash, size_t near,
                              size_t *slot)
{
    const struct im_map_table *table = current_table(map);
    *slot = free_slot_in_word(table, near);
    if (*slot != IM_MAP_NOWHERE && has_room_for(table, *slot))
        return 0;
    return im_raw_map_make_room(map, type, hash, slot);
}

void im_raw_map_retire(struct im_raw_map *map, size_t slot, enum im_map_parts drop)
{
    struct im_map_table *table = current_table(map);
    set_control(table, slot, IM_MAP_RETIRED);
    remember_retired(table, slot, drop);
    add_length(map, (size_t)-1);
}

void im_raw_map_prepare_retire(struct im_raw_map *map, const struct im_map_type *type)
{
    const struct im_map_table *table = current_table(map);
    if (retired_count_of(table) == table->retired_limit)
        im_raw_map_reclaim(map, type);
}

void im_raw_map_reclaim(struct im_raw_map *map, const struct im_map_type *type)
{
    struct im_map_table *table = current_table(map);
    if (!table || retired_count_of(table) == 0)
        return;
    int cancel_state = im_sync_cancel_disable();
    type->rcu->synchronize();
    drop_retired(map, type, table);
    for (size_t i = 0; i < retired_count_of(table); i++) {
        size_t slot = table->retired[i].slot;
        /* I2: a group that still has an empty slot was never full. */
        bool never_full = im_map_group_match_empty(group_of_slot(table, slot)) != 0;
        set_control(table, slot, never_full ? IM_MAP_EMPTY : IM_MAP_DELETED);
        if (never_full)
            table->room++;
    }
    im_sync_store(&table->retired_count, 0, memory_order_relaxed);
    im_sync_cancel_restore(cancel_state);
}

/* ---- The rest ---- */

int im_raw_map_reserve(struct im_raw_map *map, const struct im_map_type *type, size_t additional)
{
    int error = im_raw_map_begin_write(map, type);
    if (error)
        return error;
    const struct im_map_table *table = current_table(map);
    size_t length;
    if (__builtin_add_overflow(im_sync_load(&map->length, memory_order_relaxed), additional, &length)) {
        error = EOVERFLOW;
    } else if (additional > 0 && (!table || table->room < additional)) {
        size_t groups = groups_for(length);
        if (table && groups && groups < groups_of(table))
            groups = groups_of(table);
        error = groups ? rebuild(map, type, groups) : EOVERFLOW;
    }
    im_raw_map_end_write(map);
    return error;
}

int im_raw_map_synchronize(struct im_raw_map *map, const struct im_map_type *type)
{
    int error = im_raw_map_begin_write(map, type);
    if (error)
        return error;
    im_raw_map_reclaim(map, type);
    im_raw_map_end_write(map);
    return 0;
}

struct im_map_stats im_raw_map_stats(const struct im_raw_map *map)
{
    /* Relaxed: numbers that may be old when they arrive, and of different moments. */
    struct im_map_stats stats = {
        .length = im_sync_load(&map->length, memory_order_relaxed),
        .growths = im_sync_load(&map->growths, memory_order_relaxed),
        .longest_pause_ns = im_sync_load(&map->longest_pause_ns, memory_order_relaxed),
    };
    /* Acquire: the table is filled; pairs with the release in rebuild(). */
    const struct im_map_table *table = im_sync_load(&map->table, memory_order_acquire);
    if (table) {
        stats.capacity = capacity_of(groups_of(table));
        stats.retired = retired_count_of(table);
        stats.bytes = table->bytes;
    }
    return stats;
}

static void drop_all(struct im_raw_map *map, const struct im_map_type *type, const struct im_map_table *table)
{
    for (size_t slot = 0; type->drop_slot && slot < slots_of(table); slot++) {
        if (im_map_control_is_full(im_map_control_byte(table, slot)))
            type->drop_slot(im_map_slot(table, slot, type->slot_bytes), IM_MAP_KEY_PART | IM_MAP_VALUE_PART,
                            map->allocator);
    }
}

void im_raw_map_destroy(struct im_raw_map *map, const struct im_map_type *type)
{
    if (!map)
        return;
    if (im_raw_map_begin_write(map, type))
        im_panic((struct im_site){0}, (struct im_site){0},
                 "map: %s destroyed inside a read section or by its own callback", type->name);
    int cancel_state = im_sync_cancel_disable();
    struct im_map_table *table = current_table(map);
    if (table) {
        /* The caller is alone with the map, but a reader that has let go of it may still be in its section. */
        type->rcu->synchronize();
        drop_retired(map, type, table);
        drop_all(map, type, table);
        table_free(map, table);
    }
    im_raw_map_end_write(map);
    im_sync_cancel_restore(cancel_state);
    *map = (struct im_raw_map){.allocator = map->allocator};
}
