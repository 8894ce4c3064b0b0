/* SPDX-License-Identifier: MIT */
/**
 * @file raw_map.h
 * The untyped core of a map: its shards and tables, and all that does not depend on key and value types.
 *
 * For <intermut/map.h>; programs instantiate that. How it works, and why it is right, is told on top of raw_map.c.
 */
#ifndef INTERMUT_RAW_MAP_H
#define INTERMUT_RAW_MAP_H

#include <stddef.h>

#include <intermut/allocator.h>
#include <intermut/map_group.h>
#include <intermut/panic.h>
#include <intermut/rcu.h>
#include <intermut/sync.h>
#include <intermut/unsafe_cell.h>
#include <intermut/word_lock.h>

/** Which parts of a slot end with it. */
enum im_map_parts {
    IM_MAP_NO_PART = 0,
    IM_MAP_KEY_PART = 1,
    IM_MAP_VALUE_PART = 2,
    IM_MAP_BOTH_PARTS = 3,
};

/** What a compute function wants to happen. */
enum im_map_action { IM_MAP_KEEP, IM_MAP_STORE, IM_MAP_REMOVE };

#define IM_MAP_NOWHERE SIZE_MAX

/* A slot whose key has gone, waiting for the readers that may still look at it. */
struct im_map_retired {
    size_t slot;
    size_t moved_to;        /* the slot that the key has instead; IM_MAP_NOWHERE: it was removed */
    enum im_map_parts drop; /* what to end after the grace period; the rest lives on elsewhere */
};

/*
 * The slots, downwards from this header; the control words; elsewhere the log of retired slots. Readers use the slots and
 * the control words only: where those are follows from the address and the size. The header belongs to the writer that
 * holds the shard's lock; what others may read meanwhile is atomic.
 */
struct im_map_table {
    struct im_map_table *next;      /* of those left behind */
    uintptr_t newer;                /* atomic; the table that new keys go to instead, with its size; 0: none */
    struct im_map_retired *retired; /* the log: the n-th retirement is at n % retired_limit */
    uintptr_t whole;              /* atomic; with its size: what growth is finished with instead of this table; or 0 */
    unsigned char *copied;        /* of each control word, the slots that were copied without the lock; or NULL */
    size_t retirements;           /* atomic; twice the slots retired so far, odd while one more is being retired */
    size_t reclaimed;             /* atomic; how many of those are free again */
    size_t deleted;               /* atomic; tombstones */
    struct im_map_shadow *shadow; /* the checked build: what is in the slots, as it was put there; or NULL */
    size_t room;                  /* empty slots that may be filled before the table must be rebuilt */
    size_t reserved;              /* besides, those for what lies in older tables until growth is finished */
    size_t withheld;              /* besides, those that are given by and by, until then: growth.c */
    size_t awaited;               /* the first so many retirements may be reclaimed after the helper's ... */
    uint32_t round;               /* ... round of this number, if they are not yet: reclamation.c */
    uint32_t retired_limit;       /* a power of two */
    uint16_t group_bits;          /* there are 1 << group_bits groups */
    uint16_t ends;                /* enum im_map_parts; left behind: what ends with it, of its slots in use */

    uint64_t control[] __attribute__((aligned(IM_CACHE_LINE_BYTES)));
};

/*
 * A lock of writers. To the model it is the model's own, which is taken and given back in one step: the one of programs has
 * harnesses of its own there.
 */
#ifdef IM_SYNC_HEADER
#define IM__MAP_LOCK(of_programs, of_model) of_model
#else
#define IM__MAP_LOCK(of_programs, of_model) of_programs
#endif
struct im_map_lock {
    struct IM__MAP_LOCK(im_word_lock, im_sync_mutex) raw;
};

static inline bool im_map_lock_try(struct im_map_lock *lock)
{
    return IM__MAP_LOCK(im_word_lock_try, im_sync_mutex_try_lock)(&lock->raw);
}

static inline void im_map_lock_take(struct im_map_lock *lock)
{
    IM__MAP_LOCK(im_word_lock_take, im_sync_mutex_lock)(&lock->raw);
}

static inline void im_map_lock_give(struct im_map_lock *lock)
{
    IM__MAP_LOCK(im_word_lock_give, im_sync_mutex_unlock)(&lock->raw);
}

/* The same without the wake-up: true if im_map_lock_wake() is to follow. */
static inline bool im_map_lock_let_go(struct im_map_lock *lock)
{
#ifdef IM_SYNC_HEADER
    im_map_lock_give(lock);
    return false;
#else
    return im_word_lock_let_go(&lock->raw);
#endif
}

static inline void im_map_lock_wake(struct im_map_lock *lock)
{
#ifdef IM_SYNC_HEADER
    (void)lock;
#else
    im_word_lock_wake(&lock->raw);
#endif
}

/* In `moves`: new keys go to other tables than the first one. Counted up by as much as a move when it goes. */
#define IM_MAP_ROW (UINT64_C(1) << 63)

/* The first two are followed by as much as aligns what comes after them. */
#define IM__MAP_WRITERS_BYTES                                                                                 \
    ((sizeof(struct im_map_lock) + sizeof(uint32_t) + sizeof(size_t) - 1) / sizeof(size_t) * sizeof(size_t) + \
     3 * sizeof(size_t))

/* Some of a map's keys: a table, and the lock of its writers. The padding keeps readers' lines from theirs. */
struct im_map_shard {
    uintptr_t table;  /* atomic; the table and its size, as im_map_view() reads it; 0 until the first insert */
    uintptr_t newest; /* atomic; the same of the last in the row that begins there; 0: it is the only one */
    uint64_t moves;   /* atomic; twice the replaced keys that went to another control word; and IM_MAP_ROW */
    char padding[IM_CACHE_LINE_BYTES - 2 * sizeof(uintptr_t) - sizeof(uint64_t)];

    struct im_map_lock lock;
    uint32_t is_spread;     /* atomic; the process that copies its keys without its lock, or 0; threads sleep on it */
    size_t length;          /* atomic */
    size_t least_groups;    /* reserved: the table shrinks no further by itself */
    size_t contended_locks; /* times that the lock was taken, in the first shard */
    char end[(IM_CACHE_LINE_BYTES - IM__MAP_WRITERS_BYTES % IM_CACHE_LINE_BYTES) % IM_CACHE_LINE_BYTES];
};

/* A zeroed one is an empty map. */
struct im_raw_map {
    struct im_map_shard *shards; /* atomic; NULL while `first` is the only one */
    uint64_t seed;               /* atomic; 0: not drawn yet */
    uint32_t phase;              /* atomic; not 0 while values must not be changed in place; threads sleep on it */
    uint32_t shard_mask;         /* how many `shards`, less one */
    const void *context;         /* what hash and eq are called with: not written while the map is shared */
    char padding[IM_CACHE_LINE_BYTES - 2 * sizeof(void *) - sizeof(uint64_t) - 2 * sizeof(uint32_t)];

    struct im_map_shard first;

    /* From here on writers, now and then. */
    const struct im_allocator *allocator;
    struct im_map_block *blocks;      /* memory of tables; the oldest first; memory.c has a lock for it */
    struct im_map_table *left_behind; /* atomic; tables that wait for a grace period */
    struct im_map_table *for_helper;  /* atomic; the same of those that nothing ends with but their memory */
    struct im_map_table *awaited;     /* atomic; of `left_behind`, those that the helper has waited for: to be ended */
    uint32_t helper;          /* atomic; a thread of the map's own that waits for them, and its rounds: reclamation.c */
    size_t left_behind_bytes; /* atomic; of both */
    size_t bytes;             /* atomic; of all tables, those left behind too */
    uint64_t growths;         /* atomic */
    uint64_t longest_pause_ns;   /* atomic */
    uint64_t longest_grace_ns;   /* atomic */
    uint64_t grace_began_ns;     /* atomic; of one that is under way; 0: none */
    uint64_t stalls;             /* atomic */
    struct im_map_lock deciding; /* held by who looks at values while they must not change */
    uint32_t split_mask;         /* of a split that is under way: as `shard_mask`, which memory goes by, will be */
    uint32_t wanted_shards;      /* 0: one, and many when it gets large or busy */
    bool synchronous;            /* changes wait for their grace period */
    bool page_work;              /* atomic; huge pages of a block are to be made, or to be given back */
    bool wants_split;            /* under the first shard's lock: when its growth is finished */
};

struct im_map_check;

/* What the core must know of a map's types; one constant per instance. */
struct im_map_type {
    const char *name;
    const struct im_rcu_flavour *rcu;
    size_t slot_bytes;
    size_t slot_alignment;
    bool changes_in_place; /* values are changed by readers: they are copied when all have been waited for */
    uint64_t (*hash_slot)(const struct im_raw_map *map, const void *slot, uint64_t seed);
    /* End the named parts of a slot; NULL when none of them owns anything. */
    void (*drop_slot)(void *slot, enum im_map_parts parts, const struct im_allocator *allocator);
    const struct im_map_check *check; /* <intermut/map_checked.h>; NULL in a plain build */
};

/** Options of a map; a zeroed object is the default. */
struct im_map_options {
    const struct im_allocator *allocator; /**< for tables and owned strings; NULL: the C library's */
    /**
     * Parts that are changed independently, each with a table and a lock of its own: 1 to 4096, rounded up to a power
     * of two. 0: one, until the map is large or its lock is in demand, then IM_MAP_SHARDS, or four for each core if
     * that is more.
     */
    unsigned shards;
    bool synchronous; /**< each change waits until what it removed has ended, instead of leaving that to a later one */
    /**
     * What IM_MAP_HASH and IM_MAP_EQ are called with, where IM_MAP_CONTEXT says of what type it is; NULL in a zeroed map.
     * Borrowed until the map has been destroyed, and read by any threads at the same time without a lock: it is of an
     * interior-mutable type, or does not change. Nothing in it may change what a key's hash is, or which keys are equal.
     */
    const void *context;
};

#define IM_MAP_SHARDS 128

/* Slots of a map with one table that its threads find in their caches: that part of an L2 cache which is common. */
#define IM_MAP_CACHED_BYTES ((size_t)1 << 17)

/** A picture of a map; its numbers are of about the same moment. */
struct im_map_stats {
    size_t length;             /**< keys */
    size_t capacity;           /**< keys that the tables can hold before they grow */
    size_t shards;             /**< parts that are changed independently */
    size_t retired;            /**< slots that wait for a grace period */
    size_t deleted;            /**< slots that are free, but that searches go on behind (tombstones) */
    size_t bytes;              /**< of the tables; not what owned keys and values point to */
    size_t left_behind_bytes;  /**< of replaced tables that wait for a grace period; not in `bytes` */
    uint64_t growths;          /**< times that a table was rebuilt with keys in it, larger or smaller */
    uint64_t longest_pause_ns; /**< the longest time that writers of a shard had to wait for such a rebuild */
    uint64_t longest_grace_ns; /**< the longest grace period that a writer waited for */
    uint64_t waiting_ns;       /**< how long a writer has been waiting for one now; 0: none is. A stalled reader? */
    uint64_t stalls;           /**< grace periods that im_map_on_stall()'s handler was told of */
};

/** How far searches go: the groups of sixteen slots that a search for each of the keys looks at. */
struct im_map_probe_stats {
    size_t keys;
    size_t groups;  /**< in total: divided by `keys`, the mean; 1 is best */
    size_t longest; /**< of one key */
};

/*
 * How a hash is spread: the top seven bits are the mark, the twelve below them choose the shard, and the low ones the slot
 * to try first: as many as the table has, so that the lowest four tell where it is in its group.
 */
enum { IM_MAP_MARK_SHIFT = 57, IM_MAP_SHARD_SHIFT = 45, IM_MAP_MAX_SHARDS = 1 << 12 };

static inline size_t im_map_home_slot(uint64_t hash, size_t group_mask)
{
    return (size_t)hash & (group_mask + (IM_MAP_GROUP_SLOTS - 1));
}

static inline uint8_t im_map_hash_mark(uint64_t hash)
{
    return (uint8_t)(hash >> IM_MAP_MARK_SHIFT);
}

static inline size_t im_map_shard_index(uint64_t hash, uint32_t shard_mask)
{
    return (size_t)(hash >> IM_MAP_SHARD_SHIFT) & shard_mask;
}

/* The first slot of the group in which a slot is. */
static inline size_t im_map_first_in_group(size_t slot)
{
    return slot & ~(size_t)(IM_MAP_GROUP_SLOTS - 1);
}

/* A table as searches need it. Its address has room for the size, which spares them to wait for the header. */
struct im_map_view {
    struct im_map_table *table; /* NULL: none */
    size_t group_mask;          /* of a hash it leaves the first slot of its group */
    uintptr_t word;             /* what this is read from */
};

static inline uint32_t im_map_bits_of_word(uintptr_t word)
{
    return (uint32_t)(word & (IM_CACHE_LINE_BYTES - 1));
}

static inline struct im_map_view im_map_view(uintptr_t word)
{
    return (struct im_map_view){
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the size rides in the bits that alignment leaves
        .table = (struct im_map_table *)(word & ~(uintptr_t)(IM_CACHE_LINE_BYTES - 1)),
        .group_mask = ((size_t)IM_MAP_GROUP_SLOTS << im_map_bits_of_word(word)) - IM_MAP_GROUP_SLOTS,
        .word = word,
    };
}

/* The groups in which a hash is searched: triangular steps, which visit every group of a power of two. */
struct im_map_probe {
    size_t group;
    size_t step;
};

static inline struct im_map_probe im_map_probe_start(uint64_t hash, size_t group_mask)
{
    return (struct im_map_probe){((size_t)hash & group_mask) / IM_MAP_GROUP_SLOTS, 0};
}

static inline void im_map_probe_next(struct im_map_probe *probe, size_t group_mask)
{
    probe->step++;
    probe->group = (probe->group + probe->step) & group_mask / IM_MAP_GROUP_SLOTS;
}

/* A change that a thread is making: from im_map_write_begin() to im_raw_map_write_end(). */
struct im_map_write {
    struct im_raw_map *map;
    struct im_map_shard *shard; /* locked; NULL: none yet, or no more */
    struct im_map_table *table; /* of that shard: where the key of the change lies or will lie; NULL: none */
    bool left_too_much_behind;  /* time to wait for a grace period, or to let the helper do so */
    bool starts;                /* it asked for a round of the helper's, which it must start */
    bool grows;                 /* it began a growth, which is to be finished, or has gone on with one */
    bool is_ahead;              /* of the helper, who is to catch up */
    bool page_work;             /* the helper is to make huge pages, or to give some back */
    bool finishes;              /* by itself, before it ends */
    bool waits;                 /* and so does whatever is left behind */
};

/* Whether this thread is inside of a change of this map: in one of its callbacks. */
static inline bool im_map_is_writing(const struct im_raw_map *map)
{
    const struct im_sync_nesting *nesting = im_sync_nesting();
    for (unsigned i = 0; i < nesting->depth; i++) {
        if (nesting->objects[i] == map)
            return true;
    }
    return false;
}

/*
 * Begin a change; nothing is locked yet. EINVAL: no map. EDEADLK: this thread is in a read section, in a callback of a
 * change of the same map, or in callbacks of too many changes.
 */
IM_MUST_CHECK static inline int im_map_write_begin(struct im_map_write *write, struct im_raw_map *map, bool in_section)
{
    struct im_sync_nesting *nesting = im_sync_nesting();
    if (IM_UNLIKELY(!map))
        return EINVAL;
    if (IM_UNLIKELY(*im_sync_sections() > 0 || in_section || nesting->depth == IM_SYNC_NESTING ||
                    (nesting->depth > 0 && im_map_is_writing(map))))
        return EDEADLK;
    nesting->objects[nesting->depth++] = map;
    *write = (struct im_map_write){.map = map};
    return 0;
}

/*
 * The same for who is in no change and no section, as nearly all are, of a map whose seed is drawn, which goes to *seed. False:
 * nothing was begun.
 */
static inline bool im_map_write_begin_simply(struct im_raw_map *map, bool may_be_in_section, uint64_t *seed)
{
    struct im_sync_nesting *nesting = im_sync_nesting();
    if (IM_UNLIKELY(!map || *im_sync_sections() > 0 || may_be_in_section || nesting->depth > 0))
        return false;
    *seed = im_sync_load(&map->seed, memory_order_relaxed);
    if (IM_UNLIKELY(!*seed))
        return false;
    nesting->objects[0] = map;
    nesting->depth = 1;
    return true;
}

IM_BEGIN_DECLS

/* Draw the map's seed, unless another thread was quicker. */
uint64_t im_raw_map_draw_seed(struct im_raw_map *map, const struct im_map_type *type);

/* im_map_lock_shard_of() and im_map_write_end(), whatever there is to do. */
void im_raw_map_lock(struct im_map_write *write, const struct im_map_type *type, uint64_t hash);
void im_raw_map_write_end(struct im_map_write *write, const struct im_map_type *type);
/* What im_map_write_end_simply() ends with where there is more to do: `result`. */
int im_raw_map_write_end_fully(struct im_raw_map *map, struct im_map_shard *shard, const struct im_map_type *type,
                               int result);
int im_raw_map_write_end_and_wake(struct im_map_shard *shard, int result);

/*
 * All shards, one after the other: lock the next one, false when there are no more. `*at` is 0 at first; each is left
 * by im_raw_map_unlock().
 */
bool im_raw_map_lock_next(struct im_map_write *write, const struct im_map_type *type, size_t *at);
void im_raw_map_unlock(struct im_map_write *write);
/* Unlock a shard that im_map_is_spread(), and wait until it is not. */
void im_raw_map_await_copy(struct im_map_write *write, const struct im_map_type *type);
/* Finish the growth of a shard of frozen values that im_map_is_row(), or some of it, and unlock. */
void im_raw_map_end_growth(struct im_map_write *write, const struct im_map_type *type);

/*
 * Find a free slot for a key with this hash, growing the table where needed; nothing is taken yet. After growth, slots
 * found before are others. The second form prefers a slot beside `near`, whose key is about to be replaced.
 * ENOMEM, EOVERFLOW: the map is as before.
 */
int im_raw_map_make_room(struct im_map_write *write, const struct im_map_type *type, uint64_t hash,
                         size_t *slot) IM_MUST_CHECK;
int im_raw_map_make_room_near(struct im_map_write *write, const struct im_map_type *type, uint64_t hash, size_t near,
                              size_t *slot) IM_MUST_CHECK;

/* The checked build: remember what the caller filled in. */
void im_raw_map_shadow(const struct im_map_table *table, size_t slot);
/*
 * As im_map_publish(), of a slot that make_room found; and let it take the place of the key in slot `old`, of which `drop`
 * ends after the last reader.
 */
void im_raw_map_publish_instead(struct im_map_write *write, size_t slot, uint64_t hash, size_t old,
                                enum im_map_parts drop);
/* Take the key in `slot` away; its `drop` parts end after the last reader. */
void im_raw_map_retire(struct im_map_write *write, size_t slot, enum im_map_parts drop);
/* Wait until no reader looks at a retired slot of the shard, end them all, and make them free again. */
void im_raw_map_reclaim(struct im_map_write *write, const struct im_map_type *type);
/*
 * Reclaim, or copy the table, if there is no space left to remember one more retired slot. Slots found before may be
 * others.
 */
void im_raw_map_prepare_retire(struct im_map_write *write, const struct im_map_type *type);
/* After removals: give memory back if the table is mostly empty. Slots found before are others. */
void im_raw_map_settle(struct im_map_write *write, const struct im_map_type *type);
/*
 * Take the shard's tables away, with all that is in them: empty for all who come from now on. The first of the row, to be
 * followed by im_map_newer_table(); NULL: there was none.
 */
struct im_map_table *im_raw_map_detach(struct im_map_write *write);
/* Wait until nobody looks at a detached table any more; then end it, with the `drop` parts of what is in it. */
void im_raw_map_await_readers(struct im_map_write *write, const struct im_map_type *type);
void im_raw_map_end_table(struct im_map_write *write, const struct im_map_type *type, struct im_map_table *table,
                          enum im_map_parts drop);

/*
 * Stop changes in place and wait until the last one is done; let them go on. For maps that change in place, with the
 * shard locked.
 */
void im_raw_map_hold_values(struct im_map_write *write, const struct im_map_type *type);
void im_raw_map_let_values_go(struct im_map_write *write);
/*
 * Sleep until changes in place are allowed. Outside of any read section. Panics in a callback of a change of the same
 * map.
 */
void im_raw_map_wait_for_phase(const struct im_raw_map *map, const struct im_map_type *type, struct im_site site);

/* The whole map. */
void im_raw_map_init(struct im_raw_map *map, const struct im_map_options *options);
int im_raw_map_reserve(struct im_raw_map *map, const struct im_map_type *type, size_t additional);
int im_raw_map_shrink_to_fit(struct im_raw_map *map, const struct im_map_type *type);
int im_raw_map_clear(struct im_raw_map *map, const struct im_map_type *type);
int im_raw_map_synchronize(struct im_raw_map *map, const struct im_map_type *type);
size_t im_raw_map_length(const struct im_raw_map *map);
/* In a read section. */
struct im_map_stats im_raw_map_stats(const struct im_raw_map *map);
struct im_map_probe_stats im_raw_map_probe_stats(const struct im_raw_map *map, const struct im_map_type *type);
void im_raw_map_destroy(struct im_raw_map *map, const struct im_map_type *type);

/*
 * A walk over all elements, shard by shard. A zeroed one with its map is at the start. Each shard is entered in a read
 * section, which is kept until next() says IM_MAP_NOWHERE; between two shards it may be left.
 */
struct im_map_walk {
    const struct im_raw_map *map;
    const struct im_map_shard *shards;
    size_t entered; /* shards */
    const struct im_map_shard *shard;
    uintptr_t first;                  /* the table that the shard had when it was entered, with its size */
    const struct im_map_table *last;  /* the last of its row then */
    const struct im_map_table *table; /* the one that is walked */
    size_t word;                      /* control words looked at */
    size_t words;                     /* of the table */
    size_t first_move; /* of the log: retirements from there on may have happened since the table was entered */
    unsigned slots;    /* of the last word, still to visit: bit n for slot n */
};

/* False: there is no further shard. */
bool im_raw_map_walk_enter(struct im_map_walk *walk);
/* The next slot of the shard; its key and value stay as they are until the section ends. */
size_t im_raw_map_walk_next(struct im_map_walk *walk);

IM_END_DECLS

/* gcc takes a function that does nothing but prefetch for one that does nothing, and drops its calls: hence the asm. */
static inline void im_map_prefetch(const void *place)
{
    __builtin_prefetch(place);
    __asm__ __volatile__("");
}

/* The control words of the group that begins at slot `first`: as many bytes as it has slots. */
static inline const uint64_t *im_map_group_of(const struct im_map_table *table, size_t first)
{
    return (const uint64_t *)(const void *)((const unsigned char *)table->control + first);
}

/* Downwards from the table: where a slot lies does not depend on the table's size. */
static inline void *im_map_slot(const struct im_map_table *table, size_t slot, size_t slot_bytes)
{
    return (unsigned char *)im_unsafe_unconst(table) - (slot + 1) * slot_bytes;
}

/* For the writer, who is alone in changing it. */
static inline uint8_t im_map_control_byte(const struct im_map_table *table, size_t slot)
{
    uint64_t word = im_sync_load(&table->control[slot / IM_MAP_WORD_SLOTS], memory_order_relaxed);
    return (uint8_t)(word >> (8 * (slot % IM_MAP_WORD_SLOTS)));
}

static inline bool im_map_control_is_full(uint8_t byte)
{
    return byte < IM_MAP_DELETED;
}

/* The slots in use of one control word: bit n for slot n. */
static inline unsigned im_map_word_match_full(uint64_t word)
{
    return (unsigned)(((~word >> 7 & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080)) >> 56);
}

static inline size_t im_map_slots_of(const struct im_map_table *table)
{
    return (size_t)IM_MAP_GROUP_SLOTS << table->group_bits;
}

/*
 * From which slot of the group a key's place is looked for, by its home slot: the beginning of that one's cache line where
 * slots have 16 bytes, since that line is fetched beside the control bytes. In a table that is half full 4 % of the keys lie
 * on another line than that; if they were put at their home slot or after it, it were 11 %.
 */
static inline unsigned im_map_line_of_home(size_t home)
{
    return (unsigned)home & (IM_MAP_GROUP_SLOTS - 4);
}

/* Of some slots of the group from slot `first` on, one or more, that which is first from the line of the hash's home on. */
static inline size_t im_map_slot_of_group(unsigned slots, size_t first, uint64_t hash)
{
    const unsigned line = im_map_line_of_home(im_map_home_slot(hash, 0));
    /* The group twice, one after the other. */
    const unsigned from_line = (slots | slots << IM_MAP_GROUP_SLOTS) >> line;
    return first + (line + im_map_lowest(from_line)) % IM_MAP_GROUP_SLOTS;
}

/* The same of its free slots; IM_MAP_NOWHERE: there are none. */
static inline size_t im_map_free_slot_in_group(struct im_map_group group, size_t first, uint64_t hash)
{
    const unsigned free = im_map_group_match_free(group);
    return IM_LIKELY(free) ? im_map_slot_of_group(free, first, hash) : IM_MAP_NOWHERE;
}

/*
 * Set one control byte, which was `was`, of a locked shard's table. Where groups are read by a vector move that the compiler cannot
 * see into, this is such a move of one byte.
 *
 * Order: release.
 */
static inline void im_map_set_control_byte(struct im_map_table *table, size_t slot, uint8_t was, uint8_t byte)
{
#if IM_MAP_VECTOR_LOAD
    (void)was;
    __asm__ __volatile__(IM_X86_MOVE("mov", "%1", "%0")
                         : "=m"(((unsigned char *)table->control)[slot])
                         : "q"(byte)
                         : "memory");
#else
    uint64_t *control = &table->control[slot / IM_MAP_WORD_SLOTS];
    const unsigned shift = 8 * (unsigned)(slot % IM_MAP_WORD_SLOTS);
    const uint64_t word = im_sync_load(control, memory_order_relaxed);
    im_sync_store(control, word ^ (uint64_t)(was ^ byte) << shift, memory_order_release);
#endif
}

/* Make a slot that was found free (`was`: empty or deleted), and that the caller filled, visible as a new key. */
static inline void im_map_publish(struct im_map_shard *shard, struct im_map_table *table, size_t slot, uint8_t was,
                                  uint64_t hash)
{
    if (IM_LIKELY(was == IM_MAP_EMPTY))
        table->room--;
    else
        im_sync_store(&table->deleted, im_sync_load(&table->deleted, memory_order_relaxed) - 1, memory_order_relaxed);
    /* Release: the slot is filled before it is seen in use (I1); pairs with the acquire in im_map_group_load(). */
    im_map_set_control_byte(table, slot, was, im_map_hash_mark(hash));
    im_sync_store(&shard->length, im_sync_load(&shard->length, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Whoever unlocks a shard waits until its stores are done: the line is fetched before it is needed, and in parallel. */
static inline void im_map_prefetch_to_write(const void *line)
{
#if defined(__x86_64__)
    /* __builtin_prefetch() gives a shared line there, unless told that the machine has the instruction; all have. */
    __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)line));
#else
    __builtin_prefetch(line, 1);
#endif
}

/* Fetch what a new key with this hash is likely to be written to: to do so of a table that is gone does no harm. */
static inline void im_map_prefetch_for(struct im_map_view view, size_t slot_bytes, uint64_t hash)
{
    const size_t home = im_map_home_slot(hash, view.group_mask);
    im_map_prefetch_to_write(im_map_group_of(view.table, im_map_first_in_group(home)));
    im_map_prefetch_to_write(im_map_slot(view.table, home, slot_bytes));
    im_map_prefetch_to_write(&view.table->room);
}

/* The same of a shard, and what the key is looked for in. Nothing to the model, for which it were two more loads. */
static inline void im_map_prefetch_in(const struct im_map_shard *shard, size_t slot_bytes, uint64_t hash)
{
#ifdef IM_SYNC_HEADER
    (void)im_map_prefetch_for, (void)shard, (void)slot_bytes, (void)hash;
#else
    /* Relaxed, both: the caller looks again, with the lock. */
    const struct im_map_view first = im_map_view(im_sync_load(&shard->table, memory_order_relaxed));
    const uintptr_t newest = im_sync_load(&shard->newest, memory_order_relaxed);
    if (IM_UNLIKELY(!first.table))
        return;
    if (newest)
        im_map_prefetch(im_map_group_of(first.table, (size_t)hash & first.group_mask));
    im_map_prefetch_for(newest ? im_map_view(newest) : first, slot_bytes, hash);
#endif
}

/* Whether a shard has more tables than one, to be asked again with the lock: so the model need not look twice. */
static inline bool im_map_seems_row(const struct im_map_shard *shard)
{
#ifdef IM_SYNC_HEADER
    (void)shard;
    return false;
#else
    return im_sync_load(&shard->newest, memory_order_relaxed) != 0;
#endif
}

static inline struct im_map_shard *im_map_shard_of(struct im_raw_map *map, uint64_t hash)
{
    /* Acquire: the shards are filled; pairs with the release in publish_shards() (shards.c). */
    struct im_map_shard *shards = im_sync_load(&map->shards, memory_order_acquire);
    return shards ? &shards[im_map_shard_index(hash, map->shard_mask)] : &map->first;
}

/* Whether a locked shard is the first one, and was split before that. */
static inline bool im_map_was_split(const struct im_raw_map *map, const struct im_map_shard *shard)
{
    /* Relaxed: the lock is acquired. */
    return shard == &map->first && IM_UNLIKELY(im_sync_load(&map->shards, memory_order_relaxed));
}

/* Lock the shard of a hash: from here on the caller is the only one who changes it. */
static inline void im_map_lock_shard_of(struct im_map_write *write, const struct im_map_type *type, uint64_t hash)
{
    struct im_map_shard *shard = im_map_shard_of(write->map, hash);
    im_map_prefetch_in(shard, type->slot_bytes, hash);
    if (IM_LIKELY(im_map_lock_try(&shard->lock))) {
        if (!im_map_was_split(write->map, shard)) {
            write->shard = shard;
            /* Relaxed: the lock is acquired. */
            write->table = im_map_view(im_sync_load(&shard->table, memory_order_relaxed)).table;
            return;
        }
        im_map_lock_give(&shard->lock);
    }
    /* A copy, as in all that is seldom: a change whose address nobody has stays in registers. */
    struct im_map_write copy = *write;
    im_raw_map_lock(&copy, type, hash);
    *write = copy;
}

/* End a change: unlock what is locked, and wait for a grace period if too much is waiting for one. */
static inline void im_map_write_end(struct im_map_write *write, const struct im_map_type *type)
{
    /* Relaxed: whether it is worth a closer look. */
    const bool has_awaited = im_sync_load(&write->map->awaited, memory_order_relaxed);
    if (IM_UNLIKELY(write->left_too_much_behind || write->starts || write->grows || write->page_work || write->waits ||
                    write->map->synchronous || has_awaited || !write->shard)) {
        struct im_map_write copy = *write;
        im_raw_map_write_end(&copy, type);
        return;
    }
    im_map_lock_give(&write->shard->lock);
    im_sync_nesting()->depth--;
}

/*
 * End a change of one shard that asked for nothing, and was begun by im_map_write_begin_simply(): `result`. What it calls is
 * called last, so that who needs no call needs to save no registers.
 */
static inline int im_map_write_end_simply(struct im_raw_map *map, struct im_map_shard *shard,
                                          const struct im_map_type *type, int result)
{
    /* Relaxed: whether it is worth a closer look. */
    if (IM_UNLIKELY(im_sync_load(&map->awaited, memory_order_relaxed)))
        return im_raw_map_write_end_fully(map, shard, type, result);
    im_sync_nesting()->depth = 0;
    if (IM_UNLIKELY(im_map_lock_let_go(&shard->lock)))
        return im_raw_map_write_end_and_wake(shard, result);
    return result;
}

/* The seed of a map that is about to be changed: drawn by the first who asks. */
static inline uint64_t im_map_seed(struct im_raw_map *map, const struct im_map_type *type)
{
    const uint64_t seed = im_sync_load(&map->seed, memory_order_relaxed);
    return IM_LIKELY(seed) ? seed : im_raw_map_draw_seed(map, type);
}

/* Whether there is no space left to remember one more retired slot. */
static inline bool im_map_is_log_full(const struct im_map_table *table)
{
    return im_sync_load(&table->retirements, memory_order_relaxed) / 2 -
               im_sync_load(&table->reclaimed, memory_order_relaxed) ==
           table->retired_limit;
}

/*
 * Whether the locked shard is being copied to others, so that keys which are there must stay as they are. Acquire: if not any
 * more, who copied has read them; pairs with the release in let_changes_go_on() (shards.c).
 */
static inline bool im_map_is_spread(const struct im_map_write *write)
{
    return im_sync_load(&write->shard->is_spread, memory_order_acquire);
}

/* Whether the locked shard has more tables than one. */
static inline bool im_map_is_row(const struct im_map_write *write)
{
    /* Relaxed: the lock is acquired. */
    return im_sync_load(&write->shard->newest, memory_order_relaxed) != 0;
}

/* The next table of a shard's row, for the writer that holds its lock. */
static inline struct im_map_table *im_map_newer_table(const struct im_map_table *table)
{
    return im_map_view(im_sync_load(&table->newer, memory_order_relaxed)).table;
}

/*
 * Whether the table that a walk entered is still the shard's. Of a value that changes in place, and was copied before this
 * is asked, that is the place where changes were made which are known to the caller.
 */
static inline bool im_map_walk_is_current(const struct im_map_walk *walk)
{
    /*
     * Relaxed: who knows of a change in the next table knows of that table's publication, which came before it, and loads
     * of one object do not go back.
     */
    return im_sync_load(&walk->shard->table, memory_order_relaxed) == walk->first &&
           (walk->shards || !im_sync_load(&walk->map->shards, memory_order_relaxed));
}

#endif
