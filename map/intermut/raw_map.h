/* SPDX-License-Identifier: MIT */
/**
 * @file raw_map.h
 * The untyped core of a map: its table, and all that does not depend on key and value types.
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

/** Which parts of a slot end with it. */
enum im_map_parts {
    IM_MAP_NO_PART = 0,
    IM_MAP_KEY_PART = 1,
    IM_MAP_VALUE_PART = 2,
};

/** What a compute function wants to happen. */
enum im_map_action { IM_MAP_KEEP, IM_MAP_STORE, IM_MAP_REMOVE };

/** A slot whose key has gone, waiting for the readers that may still look at it. */
struct im_map_retired {
    size_t slot;
    enum im_map_parts drop; /* what to end after the grace period; the rest lives on elsewhere */
};

/*
 * One allocation: this header, the control words, the slots, the list of retired slots.
 * The first three members are what a reader needs, and never change. The rest belongs to the writer that holds the
 * lock; what others may read meanwhile is atomic.
 */
struct im_map_table {
    uint64_t group_mask; /* number of groups, a power of two, less one */
    uint64_t seed;
    unsigned char *slots;

    size_t room;          /* empty slots that may be filled before the table must be rebuilt */
    size_t retired_count; /* atomic */
    size_t retired_limit;
    struct im_map_retired *retired;
    size_t bytes; /* of the whole allocation */

    /*
     * Atomic. Counted twice for each replaced key that goes to another control word: a search looks whether it changed.
     */
    uint64_t moves __attribute__((aligned(IM_CACHE_LINE_BYTES)));

    uint64_t control[] __attribute__((aligned(IM_CACHE_LINE_BYTES)));
};

/* A zeroed one is an empty map. */
struct im_raw_map {
    struct im_map_table *table; /* atomic; NULL until the first insert */
    uint32_t phase;             /* atomic; odd while values must not be changed in place; threads sleep on it */

    /* From here on writers only; the padding keeps their line away from the readers'. */
    char padding[IM_CACHE_LINE_BYTES - sizeof(void *) - sizeof(uint32_t)];
    struct im_sync_mutex lock;
    uintptr_t writer;          /* atomic; the thread that holds the lock, 0 for none */
    size_t length;             /* atomic */
    uint64_t seed;             /* 0: not drawn yet */
    uint64_t growths;          /* atomic */
    uint64_t longest_pause_ns; /* atomic */
    const struct im_allocator *allocator;
};

/* What the core must know of a map's types; one constant per instance. */
struct im_map_type {
    const char *name;
    const struct im_rcu_flavour *rcu;
    size_t slot_bytes;
    size_t slot_alignment;
    bool changes_in_place; /* values are changed by readers: growth announces itself and waits for them first */
    uint64_t (*hash_slot)(const void *slot, uint64_t seed);
    /* End the named parts of a slot; NULL when none of them owns anything. */
    void (*drop_slot)(void *slot, enum im_map_parts parts, const struct im_allocator *allocator);
};

/** A picture of a map at one moment. */
struct im_map_stats {
    size_t length;             /**< keys */
    size_t capacity;           /**< keys that the table can hold before it grows */
    size_t retired;            /**< slots that wait for a grace period */
    size_t bytes;              /**< of the table; not what owned keys and values point to */
    uint64_t growths;          /**< times that the table was rebuilt with keys in it */
    uint64_t longest_pause_ns; /**< the longest time that writers had to wait for such a rebuild */
};

/*
 * How a hash is spread: the low bits choose the group, other bits the first slot to try in it, the top seven are the
 * mark.
 */
static inline size_t im_map_home_group(uint64_t hash, uint64_t group_mask)
{
    return (size_t)(hash & group_mask);
}

static inline unsigned im_map_home_slot(uint64_t hash)
{
    return (unsigned)(hash >> 53) % IM_MAP_GROUP_SLOTS;
}

static inline uint8_t im_map_hash_mark(uint64_t hash)
{
    return (uint8_t)(hash >> 57);
}

/* The groups in which a hash is searched: triangular steps, which visit every group of a power of two. */
struct im_map_probe {
    size_t group;
    size_t step;
};

static inline struct im_map_probe im_map_probe_start(uint64_t hash, const struct im_map_table *table)
{
    return (struct im_map_probe){im_map_home_group(hash, table->group_mask), 0};
}

static inline void im_map_probe_next(struct im_map_probe *probe, const struct im_map_table *table)
{
    probe->step++;
    probe->group = (probe->group + probe->step) & (size_t)table->group_mask;
}

IM_BEGIN_DECLS

/*
 * Begin and end a change. Between them the caller is the only writer and may use the functions below.
 * EINVAL: no map. EDEADLK: this thread is in a read section, or in a callback of a change of the same map.
 */
int im_raw_map_begin_write(struct im_raw_map *map, const struct im_map_type *type) IM_MUST_CHECK;
void im_raw_map_end_write(struct im_raw_map *map);

/*
 * Find a free slot for a key with this hash, growing the table where needed; nothing is taken yet. After growth, slots
 * found before are others. The second form prefers a slot beside `near`, whose key is about to be replaced.
 * ENOMEM, EOVERFLOW: the map is as before.
 */
#define IM_MAP_NOWHERE SIZE_MAX
int im_raw_map_make_room(struct im_raw_map *map, const struct im_map_type *type, uint64_t hash,
                         size_t *slot) IM_MUST_CHECK;
int im_raw_map_make_room_near(struct im_raw_map *map, const struct im_map_type *type, uint64_t hash, size_t near,
                              size_t *slot) IM_MUST_CHECK;

/* Make a slot that make_room found, and that the caller filled, visible as a new key. */
void im_raw_map_publish(struct im_raw_map *map, size_t slot, uint64_t hash);
/* The same, and let it take the place of the key in slot `old`, of which `drop` ends after the last reader. */
void im_raw_map_publish_instead(struct im_raw_map *map, size_t slot, uint64_t hash, size_t old, enum im_map_parts drop);
/* Take the key in `slot` away; its `drop` parts end after the last reader. */
void im_raw_map_retire(struct im_raw_map *map, size_t slot, enum im_map_parts drop);
/* Wait until no reader looks at a retired slot, end them all, and make them free again. */
void im_raw_map_reclaim(struct im_raw_map *map, const struct im_map_type *type);
/* Reclaim if there is no space left to remember one more retired slot. */
void im_raw_map_prepare_retire(struct im_raw_map *map, const struct im_map_type *type);

/*
 * Stop changes in place and wait until the last one is done; let them go on. For maps that change in place, inside a
 * write.
 */
void im_raw_map_pause(struct im_raw_map *map, const struct im_map_type *type);
void im_raw_map_resume(struct im_raw_map *map);
/*
 * Sleep until changes in place are allowed. Outside of any read section. Panics in a callback of a change of the same
 * map.
 */
void im_raw_map_wait_for_phase(const struct im_raw_map *map, const struct im_map_type *type);

int im_raw_map_reserve(struct im_raw_map *map, const struct im_map_type *type, size_t additional);
int im_raw_map_synchronize(struct im_raw_map *map, const struct im_map_type *type);
/* In a read section. */
struct im_map_stats im_raw_map_stats(const struct im_raw_map *map);
void im_raw_map_destroy(struct im_raw_map *map, const struct im_map_type *type);

IM_END_DECLS

static inline void *im_map_slot(const struct im_map_table *table, size_t slot, size_t slot_bytes)
{
    return table->slots + slot * slot_bytes;
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

#endif
