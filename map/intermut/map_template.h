/* SPDX-License-Identifier: MIT */
/*
 * The body of a map: what <intermut/map.h> includes for each one, with its parameters checked. No include guard: it is
 * meant to be read many times. What it defines is documented there.
 */

/* ---- Defaults of the parameters ---- */

#ifdef IM_MAP_QUERY
#define IM__MAP_OWN(key, query, allocator) IM__MAP_SHIELDED(IM_MAP_OWN(key, query, allocator))
#else
#define IM__MAP_OWN(key, query, allocator) IM_MAP_OWN(key, query, allocator)
#endif
#ifdef IM_MAP_STRING_KEY
#define IM_MAP_KEY im_string
#define IM_MAP_QUERY struct im_slice
#define IM_MAP_QUERY_OF(key) im_string_slice(key)
#define IM_MAP_EQ(a, b) im_slice_equal(a, b)
#define IM_MAP_OWN(key, query, allocator) im_string_own(key, query, allocator)
#define IM_MAP_DROP_KEY(key, allocator) im_string_drop(key, allocator)
#ifndef IM_MAP_HASH
#define IM_MAP_HASH(query, seed) XXH3_64bits_withSeed((query).bytes, (query).length, seed)
#endif
#endif

#ifndef IM_MAP_QUERY
#define IM_MAP_QUERY IM_MAP_KEY
#define IM_MAP_QUERY_OF(key) (*(key))
#define IM_MAP_OWN(key, query, allocator) ((void)(allocator), *(key) = (query), 0)
#endif

#if !defined(IM_MAP_HASH) || !defined(IM_MAP_EQ)
_Static_assert(IM_IS_SCALAR(IM_MAP_KEY), "map: a key that is not a scalar needs IM_MAP_HASH and IM_MAP_EQ");
_Static_assert(!IM_IS_FLOATING(IM_MAP_KEY),
               "map: a floating key needs IM_MAP_HASH and IM_MAP_EQ: what of -0.0 and NaN?");
#endif
#ifndef IM_MAP_HASH
#define IM_MAP_HASH(query, seed) XXH3_64bits_withSeed(&(query), sizeof(query), seed)
#endif
#ifndef IM_MAP_EQ
#define IM_MAP_EQ(a, b) ((a) == (b))
#endif

#ifndef IM_MAP_RCU
#define IM_MAP_RCU bp
#endif
/* clang-format off */
#define IM__MAP_RCU_HEADER(flavour) IM_STRING(intermut/rcu_##flavour.h)
/* clang-format on */
#define IM__MAP_RCU_INCLUDE(flavour) IM__MAP_RCU_HEADER(flavour)
#include IM__MAP_RCU_INCLUDE(IM_MAP_RCU)
#define IM__MAP_RCU(suffix) IM_PASTE(IM_PASTE(im_rcu_, IM_MAP_RCU), suffix)

/* NAME_suffix; with two underscores for what users need not know. */
#define IM__MAP(suffix) IM_PASTE(IM_MAP_NAME, suffix)

/*
 * The two kinds of values: T is what users see, `stored` what lies in a slot, and the pointer that find gives is to it.
 */
#ifdef IM_MAP_ATOMIC_VALUE
_Static_assert(IM__ATOMIC_FITS(IM_MAP_ATOMIC_VALUE), "map: an atomic value must have 1, 2, 4 or 8 bytes");
typedef IM_MAP_ATOMIC_VALUE IM__MAP(__value);
typedef im_atomic(IM_MAP_ATOMIC_VALUE) IM__MAP(_value);
#define IM__MAP_IN_PLACE true
#define IM__MAP_LOAD(stored) im_atomic_load(stored)
#define IM__MAP_INIT_VALUE(stored, value) im_atomic_store_explicit(stored, value, memory_order_relaxed)
#else
typedef IM_FREEZE_PROOF(IM_MAP_VALUE) IM__MAP(__value);
typedef IM__MAP(__value) IM__MAP(_value);
#define IM__MAP_IN_PLACE false
#define IM__MAP_LOAD(stored) (*(stored))
#define IM__MAP_INIT_VALUE(stored, value) ((void)(*(stored) = (value)))
#endif
typedef IM_FREEZE_PROOF(IM_MAP_KEY) IM__MAP(__key);
typedef IM_MAP_QUERY IM__MAP(__query);

/* ---- The types ---- */

/** The map. A zeroed one is empty. Never copied by `=`. */
typedef struct {
    struct im_raw_map raw;
    IM_TAGS(map, IM__MAP(__value));
} IM_MAP_NAME;

/** A value, or none. */
typedef struct {
    bool some;
    IM__MAP(__value) value; /**< meaningful when `some` */
} IM__MAP(_maybe);

/** What find gives. */
typedef const IM__MAP(_value) * IM__MAP(_find_result);

/** An open read section with a value found in it: for im_map_with. */
typedef struct {
    const IM_MAP_NAME *map;
    IM__MAP(_find_result) value; /**< NULL: not found, and the section is left already */
} IM__MAP(_guard);

/** Whether to remove a value, for remove_if. */
typedef bool IM__MAP(_predicate)(const IM__MAP(__value) * value, void *argument);
/** Makes a value, for get_or_insert_with: 0 or an error that is handed on. */
typedef int IM__MAP(_make)(IM__MAP(__value) * value, void *argument);
/**
 * Decides about a value, for compute; `old` is NULL when the key is not there. Writes *value when it returns
 * IM_MAP_STORE.
 */
typedef enum im_map_action IM__MAP(_computation)(const IM__MAP(__value) * old, IM__MAP(__value) * value,
                                                 void *argument);
/**
 * Looks at an element, for for_each; nonzero ends the walk. `value` and the query's bytes are valid during the call.
 */
typedef int IM__MAP(_visitor)(IM__MAP(__query) key, const IM__MAP(__value) * value, void *argument);

typedef struct {
    IM__MAP(__key) key;
    IM__MAP(_value) value;
} IM__MAP(__slot);

/* ---- What the untyped core asks ---- */

static inline uint64_t IM__MAP(__hash)(IM__MAP(__query) query, uint64_t seed)
{
    (void)seed;
    return IM_MAP_HASH(query, seed);
}

static inline uint64_t IM__MAP(__hash_slot)(const void *slot, uint64_t seed)
{
    const IM__MAP(__slot) *typed = slot;
    return IM__MAP(__hash)(IM_MAP_QUERY_OF(&typed->key), seed);
}

#if defined(IM_MAP_DROP_KEY) || defined(IM_MAP_DROP_VALUE)
#define IM__MAP_DROP_SLOT IM__MAP(__drop_slot)
static inline void IM__MAP(__drop_slot)(void *slot, enum im_map_parts parts, const struct im_allocator *allocator)
{
    IM__MAP(__slot) *typed = slot;
    (void)allocator;
#ifdef IM_MAP_DROP_KEY
    if (parts & IM_MAP_KEY_PART)
        IM_MAP_DROP_KEY(&typed->key, allocator);
#endif
#ifdef IM_MAP_DROP_VALUE
    if (parts & IM_MAP_VALUE_PART)
        IM_MAP_DROP_VALUE(&typed->value);
#endif
}
#else
#define IM__MAP_DROP_SLOT NULL
#endif

static const struct im_map_type IM__MAP(__type) = {
    .name = IM_STRING(IM_MAP_NAME),
    .rcu = &IM_PASTE(im_rcu_, IM_MAP_RCU),
    .slot_bytes = sizeof(IM__MAP(__slot)),
    .slot_alignment = _Alignof(IM__MAP(__slot)),
    .changes_in_place = IM__MAP_IN_PLACE,
    .hash_slot = IM__MAP(__hash_slot),
    .drop_slot = IM__MAP_DROP_SLOT,
};

/* A shared map's core, to be changed: it is interior-mutable, under its lock. */
static inline struct im_raw_map *IM__MAP(__raw)(const IM_MAP_NAME *map)
{
    return im_unsafe_unconst(map);
}

/* ---- Searching ---- */

/* The slot of a key, or NULL, in one pass over the groups of its path. */
static inline IM__MAP(__slot) *
    IM__MAP(__search_once)(const struct im_map_table *table, IM__MAP(__query) query, uint64_t hash)
{
    const uint8_t mark = im_map_hash_mark(hash);
    struct im_map_probe probe = im_map_probe_start(hash, table);
    for (;; im_map_probe_next(&probe, table)) {
        const size_t first = probe.group * IM_MAP_GROUP_SLOTS;
        struct im_map_group group = im_map_group_load(&table->control[probe.group * IM_MAP_GROUP_WORDS]);
        for (unsigned match = im_map_group_match(group, mark); match; match &= match - 1) {
            IM__MAP(__slot) *slot = im_map_slot(table, first + (size_t)__builtin_ctz(match), sizeof(IM__MAP(__slot)));
            if (IM_LIKELY(IM_MAP_EQ(IM_MAP_QUERY_OF(&slot->key), query)))
                return slot;
        }
        if (IM_LIKELY(im_map_group_match_empty(group)))
            return NULL;
    }
}

/* The slot of a key, or NULL. In a read section, or as the writer. */
static inline IM__MAP(__slot) *
    IM__MAP(__search)(const struct im_map_table *table, IM__MAP(__query) query, uint64_t hash)
{
    /* Most keys lie in the slot that their hash prefers: fetched beside the control bytes and not after them, a hit
     * in a table of 1 M keys takes 19 ns instead of 27 (a miss 14.5 instead of 12, both 0.5 more in the cache). */
    __builtin_prefetch(
        im_map_slot(table, im_map_home_group(hash, table->group_mask) * IM_MAP_GROUP_SLOTS + im_map_home_slot(hash),
                    sizeof(IM__MAP(__slot))));
    for (;;) {
        /* Acquire: pairs with the releases in im_raw_map_publish_instead(); raw_map.c, I3. */
        const uint64_t moves = im_sync_load(&table->moves, memory_order_acquire);
        IM__MAP(__slot) *slot = IM__MAP(__search_once)(table, query, hash);
        /* Relaxed: the acquire of the control words is before it, so a count that they came after is seen. */
        if (IM_LIKELY(im_sync_load(&table->moves, memory_order_relaxed) == moves))
            return slot;
    }
}

/* The same from the map itself. In a read section. */
static inline IM__MAP(__slot) * IM__MAP(__search_map)(const IM_MAP_NAME *map, IM__MAP(__query) query)
{
    /* Acquire: the table is filled; pairs with the release in rebuild() (raw_map.c). */
    const struct im_map_table *table = im_sync_load(&map->raw.table, memory_order_acquire);
    return table ? IM__MAP(__search)(table, query, IM__MAP(__hash)(query, table->seed)) : NULL;
}

static inline int IM__MAP(_get)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) * value)
{
    if (IM_UNLIKELY(!map))
        return EINVAL;
    IM__MAP_RCU(_read_lock)();
    const IM__MAP(__slot) *slot = IM__MAP(__search_map)(map, key);
    if (slot)
        *value = IM__MAP_LOAD(&slot->value);
    IM__MAP_RCU(_read_unlock)();
    return slot ? 0 : ENOENT;
}

static inline bool IM__MAP(_contains)(const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    if (IM_UNLIKELY(!map))
        return false;
    IM__MAP_RCU(_read_lock)();
    bool found = IM__MAP(__search_map)(map, key) != NULL;
    IM__MAP_RCU(_read_unlock)();
    return found;
}

static inline size_t IM__MAP(_len)(const IM_MAP_NAME *map)
{
    /* Relaxed: a number that may be old when it arrives. */
    return map ? im_sync_load(&map->raw.length, memory_order_relaxed) : 0;
}

/* ---- Read sections ---- */

/**
 * Open a read section unless it would have to wait; false when atomic values are being copied. For any thread, also
 * in another section.
 */
static inline bool IM__MAP(_try_read_lock)(const IM_MAP_NAME *map)
{
    IM__MAP_RCU(_read_lock)();
    /* Relaxed: see im_raw_map_pause() and im_raw_map_resume(). */
    if (IM__MAP_IN_PLACE && map && IM_UNLIKELY(im_sync_load(&map->raw.phase, memory_order_relaxed) & 1)) {
        IM__MAP_RCU(_read_unlock)();
        return false;
    }
    ++*im_sync_sections();
    return true;
}

static inline void IM__MAP(__read_lock_at)(const IM_MAP_NAME *map, struct im_site site)
{
    if (IM__MAP_IN_PLACE && IM_UNLIKELY(*im_sync_sections() > 0 || IM__MAP(__type).rcu->in_section()))
        im_panic(site, (struct im_site){0},
                 "map: read section of a " IM_STRING(
                     IM_MAP_NAME) " opened inside a read section: it could wait for itself; leave the outer one first, "
                                  "or use " IM_STRING(IM_MAP_NAME) "_try_read_lock");
    while (IM_UNLIKELY(!IM__MAP(_try_read_lock)(map)))
        im_raw_map_wait_for_phase(&map->raw, &IM__MAP(__type));
}

/**
 * Open a read section; left by read_unlock in the same thread. Waits, with atomic values, while the table is being
 * copied.
 */
static inline void IM__MAP(_read_lock)(const IM_MAP_NAME *map)
{
    IM__MAP(__read_lock_at)(map, (struct im_site){0});
}

/** Leave the read section that read_lock or try_read_lock opened. */
static inline void IM__MAP(_read_unlock)(const IM_MAP_NAME *map)
{
    (void)map;
    --*im_sync_sections();
    IM__MAP_RCU(_read_unlock)();
}

/** The value of a key, or NULL. In a read section, and valid until it ends. */
static inline IM__MAP(_find_result) IM__MAP(_find)(const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    const IM__MAP(__slot) *slot = map ? IM__MAP(__search_map)(map, key) : NULL;
    return slot ? &slot->value : NULL;
}

static inline IM__MAP(_guard) IM__MAP(_guard_open)(const IM_MAP_NAME *map, IM__MAP(__query) key, struct im_site site)
{
    IM__MAP(_guard) guard = {map, NULL};
    if (!map)
        return guard;
    IM__MAP(__read_lock_at)(map, site);
    guard.value = IM__MAP(_find)(map, key);
    if (!guard.value)
        IM__MAP(_read_unlock)(map);
    return guard;
}

static inline void IM__MAP(_guard_close)(IM__MAP(_guard) * guard)
{
    if (guard->value)
        IM__MAP(_read_unlock)(guard->map);
}

static IM_UNUSED int IM__MAP(_for_each)(const IM_MAP_NAME *map, IM__MAP(_visitor) * visit, void *argument)
{
    if (!map)
        return EINVAL;
    int result = 0;
    IM__MAP_RCU(_read_lock)();
    ++*im_sync_sections();
    const struct im_map_table *table = im_sync_load(&map->raw.table, memory_order_acquire);
    const size_t words = table ? (size_t)(table->group_mask + 1) * IM_MAP_GROUP_WORDS : 0;
    for (size_t word = 0; word < words && result == 0; word++) {
        /* Acquire: as in im_map_group_load(). */
        uint64_t bytes = im_sync_load(&table->control[word], memory_order_acquire);
        for (size_t i = 0; i < IM_MAP_WORD_SLOTS && result == 0; i++) {
            if (!im_map_control_is_full((uint8_t)(bytes >> (8 * i))))
                continue;
            const IM__MAP(__slot) *slot = im_map_slot(table, word * IM_MAP_WORD_SLOTS + i, sizeof(IM__MAP(__slot)));
            const IM__MAP(__value) value = IM__MAP_LOAD(&slot->value);
            result = visit(IM_MAP_QUERY_OF(&slot->key), &value, argument);
        }
    }
    --*im_sync_sections();
    IM__MAP_RCU(_read_unlock)();
    return result;
}

/* ---- Changing: each of these is the only writer between begin and end ---- */

static inline struct im_map_table *IM__MAP(__writers_table)(const struct im_raw_map *raw)
{
    return im_sync_load(&raw->table, memory_order_relaxed);
}

static inline IM__MAP(__slot) *
    IM__MAP(__writers_search)(const struct im_raw_map *raw, IM__MAP(__query) key, uint64_t hash)
{
    const struct im_map_table *table = IM__MAP(__writers_table)(raw);
    return table ? IM__MAP(__search)(table, key, hash) : NULL;
}

static inline size_t IM__MAP(__slot_index)(const struct im_raw_map *raw, const IM__MAP(__slot) * slot)
{
    return (size_t)(slot - (const IM__MAP(__slot) *)(const void *)IM__MAP(__writers_table)(raw)->slots);
}

/* A key that is not there yet. */
static IM_UNUSED int IM__MAP(__add)(struct im_raw_map *raw, IM__MAP(__query) key, uint64_t hash,
                                    const IM__MAP(__value) * value)
{
    size_t index = IM_MAP_NOWHERE;
    int error = im_raw_map_make_room(raw, &IM__MAP(__type), hash, &index);
    if (error)
        return error;
    IM__MAP(__slot) *slot = im_map_slot(IM__MAP(__writers_table)(raw), index, sizeof *slot);
    error = IM__MAP_OWN(&slot->key, key, raw->allocator);
    if (error)
        return error;
    IM__MAP_INIT_VALUE(&slot->value, *value);
    im_raw_map_publish(raw, index, hash);
    return 0;
}

/* Take a key away and hand its value out, or end it when `old` is NULL. */
static IM_UNUSED void IM__MAP(__take)(struct im_raw_map *raw, IM__MAP(__slot) * slot, IM__MAP(__value) * old)
{
    im_raw_map_prepare_retire(raw, &IM__MAP(__type));
    im_raw_map_retire(raw, IM__MAP(__slot_index)(raw, slot),
                      old ? IM_MAP_KEY_PART : (enum im_map_parts)(IM_MAP_KEY_PART | IM_MAP_VALUE_PART));
    if (!old)
        return;
#if defined(IM_MAP_ATOMIC_VALUE) || defined(IM_MAP_DROP_VALUE)
    /*
     * Who found it may still change it (atomic), or look at what the caller now owns: it is theirs after a grace
     * period.
     */
    im_raw_map_reclaim(raw, &IM__MAP(__type));
#endif
    *old = IM__MAP_LOAD(&slot->value);
}

/*
 * Give the key, which is in `slot`, another value; hand the old one out, or end it when `old` is NULL.
 * Atomic values are exchanged in place. Frozen ones get another slot, since readers may look at this one.
 */
#ifdef IM_MAP_ATOMIC_VALUE
static IM_UNUSED int IM__MAP(__exchange)(struct im_raw_map *raw, IM__MAP(__query) key, uint64_t hash,
                                         IM__MAP(__slot) * slot, const IM__MAP(__value) * value, IM__MAP(__value) * old)
{
    (void)raw, (void)key, (void)hash;
    IM__MAP(__value) seen = im_atomic_swap(&slot->value, *value);
    if (old)
        *old = seen;
    return 0;
}
#else
static IM_UNUSED int IM__MAP(__exchange)(struct im_raw_map *raw, IM__MAP(__query) key, uint64_t hash,
                                         IM__MAP(__slot) * slot, const IM__MAP(__value) * value, IM__MAP(__value) * old)
{
    size_t index = IM_MAP_NOWHERE;
    const struct im_map_table *before = IM__MAP(__writers_table)(raw);
    im_raw_map_prepare_retire(raw, &IM__MAP(__type));
    int error = im_raw_map_make_room_near(raw, &IM__MAP(__type), hash, IM__MAP(__slot_index)(raw, slot), &index);
    if (error)
        return error;
    if (IM__MAP(__writers_table)(raw) != before)
        slot = IM__MAP(__writers_search)(raw, key, hash);

    IM__MAP(__slot) *target = im_map_slot(IM__MAP(__writers_table)(raw), index, sizeof *target);
    memcpy(&target->key, &slot->key, sizeof target->key);
    IM__MAP_INIT_VALUE(&target->value, *value);
    im_raw_map_publish_instead(raw, index, hash, IM__MAP(__slot_index)(raw, slot),
                               old ? IM_MAP_NO_PART : IM_MAP_VALUE_PART);
    if (!old)
        return 0;
    *old = slot->value;
#ifdef IM_MAP_DROP_VALUE
    /* A reader may still look at what the caller now owns. */
    im_raw_map_reclaim(raw, &IM__MAP(__type));
#endif
    return 0;
}
#endif

static IM_UNUSED int IM__MAP(_insert)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    const uint64_t hash = IM__MAP(__hash)(key, raw->seed);
    error = IM__MAP(__writers_search)(raw, key, hash) ? EEXIST : IM__MAP(__add)(raw, key, hash, &value);
    im_raw_map_end_write(raw);
    return error;
}

static IM_UNUSED int IM__MAP(_put)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value,
                                   IM__MAP(_maybe) * old)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    const uint64_t hash = IM__MAP(__hash)(key, raw->seed);
    IM__MAP(__slot) *slot = IM__MAP(__writers_search)(raw, key, hash);
    if (slot)
        error = IM__MAP(__exchange)(raw, key, hash, slot, &value, old ? &old->value : NULL);
    else
        error = IM__MAP(__add)(raw, key, hash, &value);
    if (old && !error)
        old->some = slot != NULL;
    im_raw_map_end_write(raw);
    return error;
}

static IM_UNUSED int IM__MAP(_replace)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value,
                                       IM__MAP(__value) * old)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    const uint64_t hash = IM__MAP(__hash)(key, raw->seed);
    IM__MAP(__slot) *slot = IM__MAP(__writers_search)(raw, key, hash);
    error = slot ? IM__MAP(__exchange)(raw, key, hash, slot, &value, old) : ENOENT;
    im_raw_map_end_write(raw);
    return error;
}

static IM_UNUSED int IM__MAP(_remove)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) * old)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    IM__MAP(__slot) *slot = IM__MAP(__writers_search)(raw, key, IM__MAP(__hash)(key, raw->seed));
    if (slot)
        IM__MAP(__take)(raw, slot, old);
    im_raw_map_end_write(raw);
    return slot ? 0 : ENOENT;
}

/* A value that a callback made for the map has no other owner: it ends here when it cannot be stored. */
static inline int IM__MAP(__keep_made)(IM__MAP(__value) * value, int error)
{
    (void)value;
#ifdef IM_MAP_DROP_VALUE
    if (error)
        IM_MAP_DROP_VALUE(value);
#endif
    return error;
}

static IM_UNUSED int IM__MAP(__add_made)(struct im_raw_map *raw, IM__MAP(__query) key, uint64_t hash,
                                         IM__MAP(__value) * value)
{
    return IM__MAP(__keep_made)(value, IM__MAP(__add)(raw, key, hash, value));
}

static IM_UNUSED int IM__MAP(__exchange_made)(struct im_raw_map *raw, IM__MAP(__query) key, uint64_t hash,
                                              IM__MAP(__slot) * slot, IM__MAP(__value) * value)
{
    return IM__MAP(__keep_made)(value, IM__MAP(__exchange)(raw, key, hash, slot, value, NULL));
}

/*
 * A decision about a value holds only as long as the value does not change: in-place changes wait meanwhile.
 * Between these two the stored value is stable.
 */
static inline void IM__MAP(__hold_value)(struct im_raw_map *raw, const IM__MAP(__slot) * slot)
{
    if (IM__MAP_IN_PLACE && slot)
        im_raw_map_pause(raw, &IM__MAP(__type));
}

static inline void IM__MAP(__let_value_go)(struct im_raw_map *raw, const IM__MAP(__slot) * slot)
{
    if (IM__MAP_IN_PLACE && slot)
        im_raw_map_resume(raw);
}

static IM_UNUSED int IM__MAP(_remove_if)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_predicate) * when,
                                         void *argument, IM__MAP(__value) * old)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    IM__MAP(__slot) *slot = IM__MAP(__writers_search)(raw, key, IM__MAP(__hash)(key, raw->seed));
    if (slot) {
        IM__MAP(__hold_value)(raw, slot);
        const IM__MAP(__value) value = IM__MAP_LOAD(&slot->value);
        if (IM__MAP_SHIELDED(when(&value, argument)))
            IM__MAP(__take)(raw, slot, old);
        else
            error = ECANCELED;
        IM__MAP(__let_value_go)(raw, slot);
    } else {
        error = ENOENT;
    }
    im_raw_map_end_write(raw);
    return error;
}

static IM_UNUSED int IM__MAP(_get_or_insert_with)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_make) * make,
                                                  void *argument, IM__MAP(__value) * value)
{
    if (IM__MAP(_get)(map, key, value) == 0)
        return 0;
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    const uint64_t hash = IM__MAP(__hash)(key, raw->seed);
    const IM__MAP(__slot) *slot = IM__MAP(__writers_search)(raw, key, hash);
    if (slot) {
        *value = IM__MAP_LOAD(&slot->value);
    } else {
        IM__MAP(__value) made;
        error = IM__MAP_SHIELDED(make(&made, argument));
        if (!error)
            error = IM__MAP(__add_made)(raw, key, hash, &made);
        if (!error)
            *value = made;
    }
    im_raw_map_end_write(raw);
    return error;
}

static IM_UNUSED int IM__MAP(_compute)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_computation) * compute,
                                       void *argument)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    int error = im_raw_map_begin_write(raw, &IM__MAP(__type));
    if (error)
        return error;
    const uint64_t hash = IM__MAP(__hash)(key, raw->seed);
    IM__MAP(__slot) *slot = IM__MAP(__writers_search)(raw, key, hash);
    IM__MAP(__hold_value)(raw, slot);
    IM__MAP(__value) value = {0};
    IM__MAP(__value) old = {0};
    if (slot)
        old = IM__MAP_LOAD(&slot->value);
    switch (IM__MAP_SHIELDED(compute(slot ? &old : NULL, &value, argument))) {
    case IM_MAP_STORE:
        if (slot)
            error = IM__MAP(__exchange_made)(raw, key, hash, slot, &value);
        else
            error = IM__MAP(__add_made)(raw, key, hash, &value);
        break;
    case IM_MAP_REMOVE:
        if (slot)
            IM__MAP(__take)(raw, slot, NULL);
        break;
    case IM_MAP_KEEP:
        break;
    }
    IM__MAP(__let_value_go)(raw, slot);
    im_raw_map_end_write(raw);
    return error;
}

/* A read section with the key in it, inserted where needed; not found only after an error. */
static IM_UNUSED IM__MAP(_guard) IM__MAP(_guard_open_or_insert)(const IM_MAP_NAME *map, IM__MAP(__query) key,
                                                                IM__MAP(__value) initial, struct im_site site)
{
    for (;;) {
        IM__MAP(_guard) guard = IM__MAP(_guard_open)(map, key, site);
        if (guard.value)
            return guard;
        int error = IM__MAP(_insert)(map, key, initial);
        if (error && error != EEXIST)
            return guard;
    }
}

/* ---- The whole map ---- */

/** Make *map an empty map with options (NULL: defaults). Exclusive. Ended by destroy. */
static IM_UNUSED void IM__MAP(_init)(IM_MAP_NAME *map, const struct im_map_options *options)
{
    if (map)
        map->raw = (struct im_raw_map){.allocator = options ? options->allocator : NULL};
}

static IM_UNUSED void IM__MAP(_destroy)(IM_MAP_NAME *map)
{
    im_raw_map_destroy(map ? &map->raw : NULL, &IM__MAP(__type));
}

static IM_UNUSED int IM__MAP(_reserve)(const IM_MAP_NAME *map, size_t additional)
{
    return im_raw_map_reserve(IM__MAP(__raw)(map), &IM__MAP(__type), additional);
}

static IM_UNUSED int IM__MAP(_synchronize)(const IM_MAP_NAME *map)
{
    return im_raw_map_synchronize(IM__MAP(__raw)(map), &IM__MAP(__type));
}

static IM_UNUSED struct im_map_stats IM__MAP(_stats)(const IM_MAP_NAME *map)
{
    struct im_map_stats stats = {0};
    if (!map)
        return stats;
    IM__MAP_RCU(_read_lock)();
    stats = im_raw_map_stats(&map->raw);
    IM__MAP_RCU(_read_unlock)();
    return stats;
}

#undef IM__MAP
#undef IM__MAP_RCU
#undef IM__MAP_OWN
#undef IM__MAP_RCU_HEADER
#undef IM__MAP_RCU_INCLUDE
#undef IM__MAP_IN_PLACE
#undef IM__MAP_LOAD
#undef IM__MAP_INIT_VALUE
#undef IM__MAP_DROP_SLOT
