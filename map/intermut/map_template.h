/* SPDX-License-Identifier: MIT */
/*
 * The body of a map: what <intermut/map.h> includes for each one, with its parameters checked. No include guard: it is
 * meant to be read many times. What it defines is documented there.
 */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"

/* NAME_suffix; with two underscores for what users need not know. */
#define IM__MAP(suffix) IM_PASTE(IM_MAP_NAME, suffix)

#ifdef IM_MAP_KEY
_Static_assert(IM_IS_ONE_WORD(IM_STRING(IM_MAP_KEY)), "map: IM_MAP_KEY is one word: uint64_t, or a typedef");
#endif
#ifdef IM_MAP_VALUE
_Static_assert(IM_IS_ONE_WORD(IM_STRING(IM_MAP_VALUE)), "map: IM_MAP_VALUE is one word: uint64_t, or a typedef");
#endif

/* ---- Defaults of the parameters ---- */

#ifdef IM_MAP_QUERY
#define IM__MAP_RUN_OWN(call) IM__MAP_SHIELDED(call)
#else
#define IM__MAP_RUN_OWN(call) (call)
#endif
#ifdef IM_MAP_STRING_KEY
#define IM_MAP_KEY im_string
#define IM_MAP_QUERY struct im_slice
#define IM_MAP_QUERY_OF(key) im_string_slice(key)
#define IM_MAP_OWN(key, query, allocator) im_string_own(key, query, allocator)
#define IM_MAP_DROP_KEY(key, allocator) im_string_drop(key, allocator)
#ifndef IM_MAP_EQ
#define IM_MAP_EQ(a, b, ...) im_slice_equal(a, b)
#endif
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
#define IM_MAP_EQ(a, b, ...) (*(const IM__MAP(__scalar) *)&(a) == *(const IM__MAP(__scalar) *)&(b))
typedef __typeof__(__builtin_choose_expr(IM_IS_SCALAR(IM_MAP_KEY), *(IM_MAP_KEY *)0, 0)) IM__MAP(__scalar);
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

/*
 * The functions that are called, and not inlined: each file has its own, or they are external. What searches call has a
 * name with the types in it then, so that files which disagree about these do not link.
 */
#if defined(IM_MAP_DECLARE) || defined(IM_MAP_IMPLEMENT)
#define IM__MAP_API
#define IM__MAP_LINKAGE extern
#define IM__MAP_SEARCHED(kind) \
    IM_PASTE(IM__MAP(kind),    \
             IM_PASTE(IM_PASTE(IM_MAP_KEY, IM_PASTE(IM__MAP_TO, IM__MAP_VALUE)), IM_PASTE(_under_, IM_MAP_RCU)))
#define IM__MAP_FULLY IM__MAP_SEARCHED(__search_of_)
#else
#define IM__MAP_API static IM_UNUSED
#define IM__MAP_LINKAGE static
#define IM__MAP_FULLY IM__MAP(__search_fully)
#endif
#if !defined(IM_MAP_DECLARE) || defined(IM_MAP_IMPLEMENT)
#define IM__MAP_HAS_BODIES
#endif

/*
 * The kinds of values: T is what users see, `stored` what lies in a slot, and the pointer that find gives is to it.
 *
 * LOOK_AT gives a pointer to a T that nobody changes meanwhile: to a copy, but of a shared value to itself. MOVE gives
 * it to another object: a shared value by its bytes, since `=` does not compile.
 */
#ifdef IM_MAP_ATOMIC_VALUE
typedef IM_MAP_ATOMIC_VALUE IM__MAP(__value);
typedef im_atomic(IM_MAP_ATOMIC_VALUE) IM__MAP(_value);
#define IM__MAP_TO _to_atomic_
#define IM__MAP_VALUE IM_MAP_ATOMIC_VALUE
#define IM__MAP_IN_PLACE 1
#define IM__MAP_LOAD(stored) IM__MAP_OWN_USE(im_atomic_load(stored))
#define IM__MAP_INIT_VALUE(stored, value) im_atomic_store_explicit(stored, value, memory_order_relaxed)
#elif defined(IM_MAP_SHARED_VALUE)
typedef IM_MAP_SHARED_VALUE IM__MAP(__value);
typedef IM__MAP(__value) IM__MAP(_value);
#define IM__MAP_TO _to_shared_
#define IM__MAP_VALUE IM_MAP_SHARED_VALUE
#define IM__MAP_IN_PLACE 1
#define IM__MAP_INIT_VALUE(stored, value) ((void)memcpy(stored, &(value), sizeof(value)))
#else
typedef IM_FREEZE_PROOF(IM_MAP_VALUE) IM__MAP(__value);
typedef IM__MAP(__value) IM__MAP(_value);
#define IM__MAP_TO _to_
#define IM__MAP_VALUE IM_MAP_VALUE
#define IM__MAP_IN_PLACE 0
#define IM__MAP_LOAD(stored) (*(stored))
#define IM__MAP_INIT_VALUE(stored, value) ((void)(*(stored) = (value)))
#endif
#ifdef IM_MAP_SHARED_VALUE
typedef const IM__MAP(__value) * IM__MAP(__shown);
#define IM__MAP_SHOW(stored) (stored)
#define IM__MAP_SHOWN(shown) (shown)
#define IM__MAP_LOOK_AT(stored, copy) ((void)(copy), (const IM__MAP(__value) *)(stored))
#define IM__MAP_MOVE(to, stored) ((void)memcpy(to, stored, sizeof(IM__MAP(__value))))
#define IM__MAP_TAKEN(stored) (*(stored))
#else
typedef IM__MAP(__value) IM__MAP(__shown);
#define IM__MAP_SHOW(stored) IM__MAP_LOAD(stored)
#define IM__MAP_SHOWN(shown) (&(shown))
#define IM__MAP_LOOK_AT(stored, copy) (*(copy) = IM__MAP_LOAD(stored), (const IM__MAP(__value) *)(copy))
#define IM__MAP_MOVE(to, stored) ((void)(*(to) = IM__MAP_LOAD(stored)))
#define IM__MAP_TAKEN(stored) IM__MAP_LOAD(stored)
#endif
typedef IM_MAP_KEY IM__MAP(__key);
typedef IM_FREEZE_PROOF(IM_MAP_KEY) IM__MAP(__frozen_key);
typedef IM_MAP_QUERY IM__MAP(__query);
#ifdef IM_MAP_CONTEXT
typedef __typeof__(IM_MAP_CONTEXT) IM__MAP(__context);
_Static_assert(IM_IS_POINTER(IM__MAP(__context)), "map: IM_MAP_CONTEXT is a pointer to const");
_Static_assert(__builtin_types_compatible_p(__typeof__(1 ? (IM__MAP(__context))0 : (void *)1), const void *),
               "map: IM_MAP_CONTEXT is a pointer to const: all threads share what it points to");
#endif

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

/** Whether an element stays, for retain. `key` and `value` are valid during the call. */
typedef bool IM__MAP(_keeper)(IM__MAP(__query) key, const IM__MAP(__value) * value, void *argument);
/** Gets an element and owns its value, for drain; the query's bytes are valid during the call. */
typedef void IM__MAP(_taker)(IM__MAP(__query) key, IM__MAP(__value) value, void *argument);

/** A walk over all elements, between cursor_open() and cursor_close(), for one thread. */
typedef struct {
    IM__MAP(__query) key;   /**< of the element that cursor_next() showed; its bytes are valid until the next one */
    IM__MAP(__shown) value; /**< a copy, whose pointees are valid until the next one; of a shared value: where it is */
    const IM_MAP_NAME *map;
    bool open;
    struct im_map_walk walk;
} IM__MAP(_cursor);

typedef struct {
    IM__MAP(__key) key;
    IM__MAP(_value) value;
} IM__MAP(__slot);

/* ---- Parameters that are code ---- */

/* A parameter that gets the context, where there is one. */
#ifdef IM_MAP_CONTEXT
#define IM__MAP_CALL(parameter, a, b, map) parameter(a, b, (IM__MAP(__context))(map)->context)
#else
#define IM__MAP_CALL(parameter, a, b, map) parameter(a, b)
#endif

/* Each parameter that is code runs in a function of its own, whose names hide none that it may mention. */
static inline uint64_t IM__MAP(__hash)(const struct im_raw_map *im_map, IM__MAP(__query) im_query, uint64_t im_seed)
{
    (void)im_map, (void)im_seed;
    const __auto_type im_hash = IM__MAP_CALL(IM_MAP_HASH, im_query, im_seed, im_map);
    IM_REQUIRE(_Generic(im_hash, unsigned long
                        : sizeof(long) == 8, unsigned long long : 1, default : 0),
               "map: IM_MAP_HASH(query, seed) gives a uint64_t, with all 64 bits well mixed");
    return im_hash;
}

static inline bool IM__MAP(__is_equal)(const struct im_raw_map *im_map, IM__MAP(__query) im_a, IM__MAP(__query) im_b)
{
    (void)im_map;
    return IM__MAP_CALL(IM_MAP_EQ, im_a, im_b, im_map);
}

static inline int IM__MAP(__own)(IM__MAP(__key) * im_key, IM__MAP(__query) im_query,
                                 const struct im_allocator *im_allocator)
{
    (void)im_allocator;
    return IM_MAP_OWN(im_key, im_query, im_allocator);
}

#ifdef IM_MAP_DROP_KEY
static inline void IM__MAP(__drop_key)(IM__MAP(__key) * im_key, const struct im_allocator *im_allocator)
{
    (void)im_allocator;
    IM_MAP_DROP_KEY(im_key, im_allocator);
}
#endif

#ifdef IM_MAP_DROP_VALUE
static inline void IM__MAP(__drop_value)(IM__MAP(__value) * im_value)
{
    IM_MAP_DROP_VALUE(im_value);
}
#endif

static inline IM__MAP(__query) IM__MAP(__query_of)(const IM__MAP(__slot) * im_slot)
{
    return IM_MAP_QUERY_OF(&im_slot->key);
}

/* What the untyped core asks. */
IM__MAP_LINKAGE const struct im_map_type IM__MAP(__type);

/* A shared map's core, to be changed: it is interior-mutable, under its lock. */
static inline struct im_raw_map *IM__MAP(__raw)(const IM_MAP_NAME *map)
{
    return im_unsafe_unconst(map);
}

/* ---- Searching ---- */

/* The slot of a key in the group that begins at slot `first`, or NULL. */
static inline IM__MAP(__slot) * IM__MAP(__search_group)(const struct im_raw_map *map, const struct im_map_table *table,
                                                        size_t first, struct im_map_group group, IM__MAP(__query) query,
                                                        uint64_t hash)
{
    for (unsigned match = im_map_group_match(group, im_map_hash_mark(hash)); match; match &= match - 1) {
        IM__MAP(__slot) *slot = im_map_slot(table, first + im_map_lowest(match), sizeof(IM__MAP(__slot)));
        if (IM_LIKELY(IM__MAP(__is_equal)(map, IM__MAP(__query_of)(slot), query)))
            return slot;
    }
    return NULL;
}

/* Search the first group of a key's path. Whether the search ends there, with the slot of the key in *found, or NULL. */
static inline bool IM__MAP(__search_first)(const struct im_raw_map *map, struct im_map_view view,
                                           IM__MAP(__query) query, uint64_t hash, IM__MAP(__slot) * *found)
{
    const size_t first = (size_t)hash & view.group_mask;
    struct im_map_group group = im_map_group_load(im_map_group_of(view.table, first));
    *found = IM__MAP(__search_group)(map, view.table, first, group, query, hash);
    return IM_LIKELY(*found || im_map_group_match_empty(group));
}

/* Most keys lie in the line of the slot that their hash prefers: fetched beside the control bytes and not after them, a hit
 * in a table of 1 M keys takes 19 ns instead of 27 (a miss 14.5 instead of 12). */
static inline void IM__MAP(__prefetch)(struct im_map_view view, uint64_t hash)
{
    im_map_prefetch(im_map_slot(view.table, im_map_home_slot(hash, view.group_mask), sizeof(IM__MAP(__slot))));
}

/* Where a key is to be searched: its shard, and the table of that. */
typedef struct {
    const struct im_map_shard *shard;
    struct im_map_view view; /* the table is NULL when there is none */
    uint64_t hash;
    uint64_t moves; /* of the shard, before; frozen values */
} IM__MAP(__place);

static inline IM__MAP(__place) IM__MAP(__place_in)(const struct im_map_shard *shard, uint64_t hash)
{
    IM__MAP(__place) place = {.shard = shard, .hash = hash};
    /* Acquire: pairs with the releases in im_raw_map_publish_instead(), I3 of raw_map.c; and with that of end_row()
     * (map_internal.h): who finds the row gone finds the shard's new table, which is looked at next. */
    if (!IM__MAP_IN_PLACE)
        place.moves = im_sync_load(&shard->moves, memory_order_acquire);
    /* Acquire: the table is filled; pairs with the release in publish_table() (map_internal.h). */
    place.view = im_map_view(im_sync_load(&place.shard->table, memory_order_acquire));
    return place;
}

/* In a read section. What a search will look at is fetched, unless it is a small table, which the caches can hold. */
IM_INLINE IM__MAP(__place) IM__MAP(__place_of)(const IM_MAP_NAME *map, IM__MAP(__query) query)
{
    /* A seed of 0 was not drawn when this search began: no key was there then. */
    const uint64_t hash = IM__MAP(__hash)(&map->raw, query, im_sync_load(&map->raw.seed, memory_order_relaxed));
    /* Acquire: the shards are filled; pairs with the release in publish_shards() (shards.c). */
    const struct im_map_shard *shards = im_sync_load(&map->raw.shards, memory_order_acquire);
    if (shards) {
        IM__MAP(__place) place = IM__MAP(__place_in)(&shards[im_map_shard_index(hash, map->raw.shard_mask)], hash);
        if (IM_LIKELY(place.view.word))
            IM__MAP(__prefetch)(place.view, hash);
        return place;
    }
    IM__MAP(__place) place = IM__MAP(__place_in)(&map->raw.first, hash);
    if (IM_UNLIKELY(place.view.group_mask > IM_MAP_CACHED_BYTES / sizeof(IM__MAP(__slot))))
        IM__MAP(__prefetch)(place.view, hash);
    return place;
}

/* Whether no key moved since, no row began, and none ended. Of values that change in place nobody needs to ask. */
static inline bool IM__MAP(__is_unmoved)(const IM__MAP(__place) * place)
{
    /* Relaxed: the acquire of the control words is before it, so a count that they came after is seen. */
    return IM_LIKELY(im_sync_load(&place->shard->moves, memory_order_relaxed) == place->moves);
}

/* Whether what was found in the table of a shard is the answer; if not it is to be searched again, or further. */
static inline bool IM__MAP(__search_stands)(const IM__MAP(__place) * place, const IM__MAP(__slot) * slot)
{
#if IM__MAP_IN_PLACE
    /* No look at `moves`: values that change in place are not replaced, and so their keys do not move within a table. */
    if (slot)
        return true;
    /*
     * Acquire: pairs with the releases in collapse() (growth.c) and im_raw_map_detach(). Where a growth has been finished
     * the shard has another table now. A key that went to a newer table before this search began is not missed: it came
     * after the shard was seen growing, or that is over.
     */
    return IM_LIKELY(!im_sync_load(&place->shard->newest, memory_order_acquire) &&
                     im_sync_load(&place->shard->table, memory_order_relaxed) == place->view.word);
#else
    return IM__MAP(__is_unmoved)(place) && IM_LIKELY(slot || !(place->moves & IM_MAP_ROW));
#endif
}

/*
 * The slot of a key, or NULL, from the beginning, and whatever it takes. In a read section. Most searches end in their first
 * group, in the only table: the rest is here, and asks for what it needs anew, so that they need not keep it in registers.
 */
IM__MAP_API IM_COLD IM__MAP(__slot) *
    IM__MAP_FULLY(const IM_MAP_NAME *map, const struct im_map_shard *shard, IM__MAP(__query) query);

static inline IM__MAP(__slot) *
    IM__MAP(__search_place)(const IM_MAP_NAME *map, IM__MAP(__place) place, IM__MAP(__query) query)
{
    if (IM_UNLIKELY(!place.view.word))
        return NULL;
    IM__MAP(__slot) * slot;
    if (IM_LIKELY(IM__MAP(__search_first)(&map->raw, place.view, query, place.hash, &slot) &&
                  IM__MAP(__search_stands)(&place, slot)))
        return slot;
    return IM__MAP_FULLY(map, place.shard, query);
}

/* The slot of a key, or NULL. In a read section. */
static inline IM__MAP(__slot) * IM__MAP(__search_map)(const IM_MAP_NAME *map, IM__MAP(__query) query)
{
    return IM__MAP(__search_place)(map, IM__MAP(__place_of)(map, query), query);
}

static inline bool IM__MAP(_contains)(const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    if (IM_UNLIKELY(!map))
        return false;
    const IM__MAP_RCU(_section) section = IM__MAP_RCU(_enter)();
    bool found = IM__MAP(__search_map)(map, key) != NULL;
    IM__MAP_RCU(_leave)(section);
    return found;
}

/* Others may be inside a shared value at any time: a copy of its bytes would be half of this and half of that. */
#ifdef IM_MAP_SHARED_VALUE
int IM__MAP(_get)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) * value)
    IM__MAP_UNAVAILABLE("map: a shared value is not copied: use it inside im_map_with");
size_t IM__MAP(_get_many)(const IM_MAP_NAME *map, const IM__MAP(__query) * keys, size_t count, IM__MAP(_maybe) * values)
    IM__MAP_UNAVAILABLE("map: shared values are not copied: use each inside im_map_with");
int IM__MAP(_get_or_insert_with)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_make) * make, void *argument,
                                 IM__MAP(__value) * value)
    IM__MAP_UNAVAILABLE("map: a shared value is not copied: use im_map_with_or_insert");
#else
static inline int IM__MAP(_get)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) * value)
{
    if (IM_UNLIKELY(!map))
        return EINVAL;
    const IM__MAP_RCU(_section) section = IM__MAP_RCU(_enter)();
    const IM__MAP(__slot) *slot = IM__MAP(__search_map)(map, key);
    if (slot)
        *value = IM__MAP_LOAD(&slot->value);
    IM__MAP_RCU(_leave)(section);
    return slot ? 0 : ENOENT;
}
#endif

static inline size_t IM__MAP(_len)(const IM_MAP_NAME *map)
{
    return map ? im_raw_map_length(&map->raw) : 0;
}

/* ---- Read sections ---- */

/* What the checked build is told of them: <intermut/map_checked.h>. */
static inline void IM__MAP(__section_opened)(const IM_MAP_NAME *map, struct im_site site)
{
    ++*im_sync_sections();
    if (IM_CHECKED && map)
        im_map_section_opened(&map->raw, &IM__MAP(__type), site);
}

static inline void IM__MAP(__section_left)(const IM_MAP_NAME *map)
{
    if (IM_CHECKED && *im_sync_sections() == 0)
        im_panic((struct im_site){0}, (struct im_site){0},
                 "map: " IM_STRING(IM_MAP_NAME) "_read_unlock: this thread is in no read section");
    if (IM_CHECKED && map)
        im_map_section_left(&map->raw);
    --*im_sync_sections();
}

static inline bool IM__MAP(__try_read_lock_at)(const IM_MAP_NAME *map, struct im_site site)
{
    IM__MAP_RCU(_read_lock)();
    /* Acquire: pairs with the release in im__map_resume_changes() (phase.c). */
    if (IM__MAP_IN_PLACE && map && IM_UNLIKELY(im_sync_load(&map->raw.phase, memory_order_acquire) != 0)) {
        IM__MAP_RCU(_read_unlock)();
        return false;
    }
    IM__MAP(__section_opened)(map, site);
    return true;
}

/**
 * Open a read section unless it would have to wait; false when atomic or shared values are being copied. For any
 * thread, also in another section.
 */
static inline bool IM__MAP(_try_read_lock)(const IM_MAP_NAME *map)
{
    return IM__MAP(__try_read_lock_at)(map, (struct im_site){0});
}

static inline void IM__MAP(__read_lock_at)(const IM_MAP_NAME *map, struct im_site site)
{
    if (IM__MAP_IN_PLACE && IM_UNLIKELY(*im_sync_sections() > 0 || IM__MAP_RCU(_in_section)()))
        im_panic(site, (struct im_site){0},
                 "map: read section of a " IM_STRING(
                     IM_MAP_NAME) " opened inside a read section: it could wait for itself; leave the outer one first, "
                                  "or use " IM_STRING(IM_MAP_NAME) "_try_read_lock");
    while (IM_UNLIKELY(!IM__MAP(__try_read_lock_at)(map, site)))
        im_raw_map_wait_for_phase(&map->raw, &IM__MAP(__type), site);
}

/**
 * Open a read section; left by read_unlock in the same thread. Waits, with atomic or shared values, while a table
 * is being copied.
 */
static inline void IM__MAP(_read_lock)(const IM_MAP_NAME *map)
{
    IM__MAP(__read_lock_at)(map, (struct im_site){0});
}

/** Leave the read section that read_lock or try_read_lock opened. */
static inline void IM__MAP(_read_unlock)(const IM_MAP_NAME *map)
{
    IM__MAP(__section_left)(map);
    IM__MAP_RCU(_read_unlock)();
}

/** The value of a key, or NULL. In a read section, and valid until it ends. */
static inline IM__MAP(_find_result) IM__MAP(_find)(const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    const IM__MAP(__slot) *slot = map ? IM__MAP(__search_map)(map, key) : NULL;
    if (IM_CHECKED && map)
        slot = im_map_section_finds(&map->raw, &IM__MAP(__type), slot,
                                    *im_sync_sections() > 0 || IM__MAP_RCU(_in_section)());
    return slot ? &slot->value : NULL;
}

/* A walk shows a slot; of a shared value that is the value itself. */
static inline void IM__MAP(__shows)(const IM_MAP_NAME *map, const IM__MAP(__slot) * slot)
{
#ifdef IM_MAP_SHARED_VALUE
    if (IM_CHECKED)
        (void)im_map_section_finds(&map->raw, &IM__MAP(__type), slot, true);
#else
    (void)map, (void)slot;
#endif
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

/* ---- What is called, and not inlined; <intermut/map.h> says what all of it has in common ---- */

/** Make *map an empty map with options (NULL: defaults). Exclusive: nobody else uses it. Ended by destroy. */
IM__MAP_API void IM__MAP(_init)(IM_MAP_NAME *map, const struct im_map_options *options);
/** Drop all keys and values and free the tables: an empty map again, without options. Exclusive. NULL is no map. */
IM__MAP_API void IM__MAP(_destroy)(IM_MAP_NAME *map);

/** A key that is not there yet: 0, EEXIST. */
IM__MAP_API int IM__MAP(_insert)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value);
/**
 * Insert or replace: 0. What was there goes to *old, whose `some` tells whether anything was, and is the caller's; it is
 * dropped where old is NULL. Cost: one that has IM_MAP_DROP_VALUE is handed out when nobody looks at it any more, and a
 * shared one taken out when nobody is inside, both of which this waits for.
 */
IM__MAP_API int IM__MAP(_put)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value,
                              IM__MAP(_maybe) * old);
/** The same for a key that is there: 0, ENOENT. */
IM__MAP_API int IM__MAP(_replace)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value,
                                  IM__MAP(__value) * old);
/**
 * Take a key away: 0, ENOENT. Its value goes to *old and is the caller's; it is dropped where old is NULL. Cost: one that
 * is atomic or shared, or has IM_MAP_DROP_VALUE, is handed out when nobody looks at it any more, which this waits for.
 */
IM__MAP_API int IM__MAP(_remove)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) * old);
/** The same if when(value, argument): 0, ENOENT, or ECANCELED. The value does not change in between. */
IM__MAP_API int IM__MAP(_remove_if)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_predicate) * when,
                                    void *argument, IM__MAP(__value) * old);
#ifndef IM_MAP_SHARED_VALUE
/**
 * A copy of the key's value, made by make(value, argument) and inserted if the key is not there: 0, or what make said.
 * Only one of several threads makes it. Cost: get's, if the key is there.
 */
IM__MAP_API int IM__MAP(_get_or_insert_with)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_make) * make,
                                             void *argument, IM__MAP(__value) * value);
/**
 * Copies of the values of `count` keys to as many `values`, some of which have none; how many were found. Each is found
 * as by get, in no order. Cost: of large tables, a fraction of as many gets, since memory is fetched for
 * IM_MAP_BATCH of them at a time.
 */
IM__MAP_API size_t IM__MAP(_get_many)(const IM_MAP_NAME *map, const IM__MAP(__query) * keys, size_t count,
                                      IM__MAP(_maybe) * values);
#endif
/** Ask compute(old or NULL, &value, argument) what to do, and do it, with nobody in between: 0. */
IM__MAP_API int IM__MAP(_compute)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_computation) * compute,
                                  void *argument);
/* A read section with the key in it, inserted where needed; not found only after an error. */
IM__MAP_API IM__MAP(_guard) IM__MAP(_guard_open_or_insert)(const IM_MAP_NAME *map, IM__MAP(__query) key,
                                                           IM__MAP(__value) initial, struct im_site site);

/** Call visit(key, value, argument) for each element until it says something else than 0: what it said last. */
IM__MAP_API int IM__MAP(_for_each)(const IM_MAP_NAME *map, IM__MAP(_visitor) * visit, void *argument);
/** A walk over all elements, in a read section: cursor_next() shows the first. Left by cursor_close(). */
IM__MAP_API IM__MAP(_cursor) IM__MAP(_cursor_open)(const IM_MAP_NAME *map);
/** The first element that the cursor has not shown yet; false, and closed, when there is none. */
IM__MAP_API bool IM__MAP(_cursor_next)(IM__MAP(_cursor) * cursor);
/** Leave a walk, at its end or before it. */
IM__MAP_API void IM__MAP(_cursor_close)(IM__MAP(_cursor) * cursor);

/** Remove the elements for which keep(key, value, argument) is false: 0. Cost: a look at each. */
IM__MAP_API int IM__MAP(_retain)(const IM_MAP_NAME *map, IM__MAP(_keeper) * keep, void *argument);
/** Remove all: 0. Cost: that of the drop hooks. */
IM__MAP_API int IM__MAP(_clear)(const IM_MAP_NAME *map);
/** Remove all, and hand the values to take(key, value, argument): 0. Cost: a grace period for each shard. */
IM__MAP_API int IM__MAP(_drain)(const IM_MAP_NAME *map, IM__MAP(_taker) * take, void *argument);

/** Make room for `additional` more keys, so that inserting them need not grow the table: 0. */
IM__MAP_API int IM__MAP(_reserve)(const IM_MAP_NAME *map, size_t additional);
/** Give back the memory that the keys do not need, what was reserved too: 0. Cost: each table is copied. */
IM__MAP_API int IM__MAP(_shrink_to_fit)(const IM_MAP_NAME *map);
/** Wait for all readers that began before, and drop what removals and replacements left behind: 0. */
IM__MAP_API int IM__MAP(_synchronize)(const IM_MAP_NAME *map);

/** A picture of the map. Cost: a look at each shard. */
IM__MAP_API struct im_map_stats IM__MAP(_stats)(const IM_MAP_NAME *map);
/** How far searches go. Cost: a look at each key. */
IM__MAP_API struct im_map_probe_stats IM__MAP(_probe_stats)(const IM_MAP_NAME *map);

#ifdef IM__MAP_HAS_BODIES

/* ---- What the untyped core asks ---- */

static inline uint64_t IM__MAP(__hash_slot)(const struct im_raw_map *map, const void *slot, uint64_t seed)
{
    return IM__MAP(__hash)(map, IM__MAP(__query_of)(slot), seed);
}

#if defined(IM_MAP_DROP_KEY) || defined(IM_MAP_DROP_VALUE)
#define IM__MAP_DROP_SLOT IM__MAP(__drop_slot)
static inline void IM__MAP(__drop_slot)(void *slot, enum im_map_parts parts, const struct im_allocator *allocator)
{
    IM__MAP(__slot) *typed = slot;
    (void)allocator;
#ifdef IM_MAP_DROP_KEY
    if (parts & IM_MAP_KEY_PART)
        IM__MAP(__drop_key)(&typed->key, allocator);
#endif
#ifdef IM_MAP_DROP_VALUE
    if (parts & IM_MAP_VALUE_PART)
        IM__MAP(__drop_value)(&typed->value);
#endif
}
#else
#define IM__MAP_DROP_SLOT NULL
#endif

#if IM_CHECKED
#include <intermut/map_template_checked.h>
#endif

IM__MAP_API const struct im_map_type IM__MAP(__type) = {
    .name = IM_STRING(IM_MAP_NAME),
    .rcu = &IM_PASTE(im_rcu_, IM_MAP_RCU),
    .slot_bytes = sizeof(IM__MAP(__slot)),
    .slot_alignment = _Alignof(IM__MAP(__slot)),
    .changes_in_place = IM__MAP_IN_PLACE,
    .hash_slot = IM__MAP(__hash_slot),
    .drop_slot = IM__MAP_DROP_SLOT,
#if IM_CHECKED
    .check = &IM__MAP(__check),
#endif
};

/* ---- Searching, where it is not inlined ---- */

/* The slot of a key, or NULL, behind its first group, which is full of others. */
static IM_UNUSED IM_COLD IM__MAP(__slot) * IM__MAP(__search_further)(const struct im_raw_map *map,
                                                                     struct im_map_view view, IM__MAP(__query) query,
                                                                     uint64_t hash)
{
    struct im_map_probe probe = im_map_probe_start(hash, view.group_mask);
    for (;;) {
        im_map_probe_next(&probe, view.group_mask);
        const size_t first = probe.group * IM_MAP_GROUP_SLOTS;
        struct im_map_group group = im_map_group_load(im_map_group_of(view.table, first));
        IM__MAP(__slot) *slot = IM__MAP(__search_group)(map, view.table, first, group, query, hash);
        if (slot || im_map_group_match_empty(group))
            return slot;
    }
}

/* The slot of a key, or NULL, in one pass over the groups of its path. */
static inline IM__MAP(__slot) *
    IM__MAP(__search_once)(const struct im_raw_map *map, struct im_map_view view, IM__MAP(__query) query, uint64_t hash)
{
    IM__MAP(__slot) * slot;
    if (IM__MAP(__search_first)(map, view, query, hash, &slot))
        return slot;
    return IM__MAP(__search_further)(map, view, query, hash);
}

/* The same in the tables behind one, to which new keys go while the shard grows. */
static IM_UNUSED IM_COLD IM__MAP(__slot) * IM__MAP(__search_newer)(const struct im_raw_map *map,
                                                                   struct im_map_view view, IM__MAP(__query) query,
                                                                   uint64_t hash)
{
    IM__MAP(__slot) *slot = NULL;
    while (!slot) {
        /* Acquire: the table is empty before it is seen; pairs with the release in begin_growth() (growth.c). */
        view = im_map_view(im_sync_load(&view.table->newer, memory_order_acquire));
        if (!view.table)
            break;
        slot = IM__MAP(__search_once)(map, view, query, hash);
    }
    return slot;
}

IM__MAP_API IM_COLD IM__MAP(__slot) *
    IM__MAP_FULLY(const IM_MAP_NAME *map, const struct im_map_shard *shard, IM__MAP(__query) query)
{
    const uint64_t hash = IM__MAP(__hash)(&map->raw, query, im_sync_load(&map->raw.seed, memory_order_relaxed));
    for (;;) {
        const IM__MAP(__place) place = IM__MAP(__place_in)(shard, hash);
        if (!place.view.table)
            return NULL;
        IM__MAP(__slot) *slot = IM__MAP(__search_once)(&map->raw, place.view, query, hash);
        if (IM__MAP(__search_stands)(&place, slot))
            return slot;
        if (!slot)
            slot = IM__MAP(__search_newer)(&map->raw, place.view, query, hash);
        if (IM__MAP_IN_PLACE || IM__MAP(__is_unmoved)(&place))
            return slot;
    }
}

#ifndef IM_MAP_SHARED_VALUE
/* Some keys at a time: their tables are fetched together, then their groups, and only then looked at. */
static IM_UNUSED size_t IM__MAP(__get_batch)(const IM_MAP_NAME *map, const IM__MAP(__query) * keys, size_t count,
                                             IM__MAP(_maybe) * values)
{
    IM__MAP(__place) places[IM_MAP_BATCH];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        places[i] = IM__MAP(__place_of)(map, keys[i]);
        if (places[i].view.table)
            im_map_prefetch(im_map_group_of(places[i].view.table, (size_t)places[i].hash & places[i].view.group_mask));
    }
    for (size_t i = 0; i < count; i++) {
        const IM__MAP(__slot) *slot = IM__MAP(__search_place)(map, places[i], keys[i]);
        values[i].some = slot != NULL;
        if (slot)
            values[i].value = IM__MAP_LOAD(&slot->value);
        found += slot != NULL;
    }
    return found;
}

IM__MAP_API size_t IM__MAP(_get_many)(const IM_MAP_NAME *map, const IM__MAP(__query) * keys, size_t count,
                                      IM__MAP(_maybe) * values)
{
    size_t found = 0;
    for (size_t at = 0; at < count; at += IM_MAP_BATCH) {
        const size_t batch = count - at < IM_MAP_BATCH ? count - at : IM_MAP_BATCH;
        if (!map) {
            for (size_t i = 0; i < batch; i++)
                values[at + i].some = false;
            continue;
        }
        IM__MAP_RCU(_read_lock)();
        found += IM__MAP(__get_batch)(map, keys + at, batch, values + at);
        IM__MAP_RCU(_read_unlock)();
    }
    return found;
}
#endif

/* ---- Walking ---- */

/* A section for each shard: in a large map one for all would keep grace periods waiting. */
static inline void IM__MAP(__walk_begin)(const IM_MAP_NAME *map)
{
    IM__MAP_RCU(_read_lock)();
    ++*im_sync_sections();
    if (IM_CHECKED && map)
        im_map_walk_opened(&map->raw, &IM__MAP(__type));
}

/* The same, for who is shown values: shared ones may be used, so their table is not copied meanwhile. */
static inline void IM__MAP(__cursor_begin)(const IM__MAP(_cursor) * cursor)
{
#ifdef IM_MAP_SHARED_VALUE
    IM__MAP(_read_lock)(cursor->map);
#else
    IM__MAP(__walk_begin)(cursor->map);
#endif
}

static inline void IM__MAP(__walk_end)(const IM_MAP_NAME *map)
{
    IM__MAP(__section_left)(map);
    IM__MAP_RCU(_read_unlock)();
}

/* Whether the cursor's key lay in a table that it has walked: then it was shown there, and this is a copy. */
static inline bool IM__MAP(__was_shown)(const IM__MAP(_cursor) * cursor)
{
    const struct im_map_walk *walk = &cursor->walk;
    struct im_map_view view = im_map_view(walk->first);
    if (IM_LIKELY(view.table == walk->table))
        return false;
    const uint64_t hash = IM__MAP(__hash)(walk->map, cursor->key, im_sync_load(&walk->map->seed, memory_order_relaxed));
    while (view.table != walk->table) {
        if (IM__MAP(__search_once)(walk->map, view, cursor->key, hash))
            return true;
        /* Relaxed: the walk came this way. */
        view = im_map_view(im_sync_load(&view.table->newer, memory_order_relaxed));
    }
    return false;
}

/* Show the element of a slot; false: it is not to be shown. */
static inline bool IM__MAP(__show_element)(IM__MAP(_cursor) * cursor, const IM__MAP(__slot) * slot)
{
    cursor->key = IM__MAP(__query_of)(slot);
    if (IM__MAP(__was_shown)(cursor))
        return false;
    IM__MAP(__shows)(cursor->map, slot);
    cursor->value = IM__MAP_SHOW(&slot->value);
#ifdef IM_MAP_ATOMIC_VALUE
    /* After the value was copied: changes may have been made in the next table. Shared ones stay where they are until the
     * section ends. */
    if (IM_UNLIKELY(!im_map_walk_is_current(&cursor->walk))) {
        slot = IM__MAP(__search_map)(cursor->map, cursor->key);
        if (slot)
            cursor->value = IM__MAP_SHOW(&slot->value);
    }
#endif
    return slot != NULL;
}

IM__MAP_API bool IM__MAP(_cursor_next)(IM__MAP(_cursor) * cursor)
{
    while (cursor->open) {
        size_t index = cursor->walk.table ? im_raw_map_walk_next(&cursor->walk) : IM_MAP_NOWHERE;
        if (index != IM_MAP_NOWHERE) {
            const IM__MAP(__slot) *slot = im_map_slot(cursor->walk.table, index, sizeof *slot);
            if (IM__MAP(__show_element)(cursor, slot))
                return true;
            continue;
        }
        IM__MAP(__walk_end)(cursor->map);
        IM__MAP(__cursor_begin)(cursor);
        if (!im_raw_map_walk_enter(&cursor->walk)) {
            IM__MAP(__walk_end)(cursor->map);
            cursor->open = false;
        }
    }
    return false;
}

IM__MAP_API IM__MAP(_cursor) IM__MAP(_cursor_open)(const IM_MAP_NAME *map)
{
    IM__MAP(_cursor) cursor = {.map = map, .open = map != NULL};
    if (!map)
        return cursor;
    cursor.walk.map = &map->raw;
    IM__MAP(__cursor_begin)(&cursor);
    return cursor;
}

IM__MAP_API void IM__MAP(_cursor_close)(IM__MAP(_cursor) * cursor)
{
    if (cursor->open)
        IM__MAP(__walk_end)(cursor->map);
    cursor->open = false;
}

IM__MAP_API int IM__MAP(_for_each)(const IM_MAP_NAME *map, IM__MAP(_visitor) * visit, void *argument)
{
    if (!map)
        return EINVAL;
    int result = 0;
    IM__MAP(_cursor) cursor = IM__MAP(_cursor_open)(map);
    while (result == 0 && IM__MAP(_cursor_next)(&cursor))
        result = visit(cursor.key, IM__MAP_SHOWN(cursor.value), argument);
    IM__MAP(_cursor_close)(&cursor);
    return result;
}

/* ---- Changing: between begin and end each of these is the only writer of its shard ---- */

/*
 * A change of one key: its shard is locked, and `slot` is where it lies, or NULL.
 *
 * A change is short on purpose. While its memory is on the way the processor begins the next one, and as many more as it can
 * hold instructions, some 500 of them: a key of a large map costs the time of a miss divided by that number.
 */
typedef struct {
    struct im_map_write write;
    uint64_t hash;
    IM__MAP(__query) key;
    IM__MAP(__slot) * slot;
    size_t room; /* when the key is not there: a free slot of its first group, or IM_MAP_NOWHERE */
} IM__MAP(__change);

/* As __search_once(); where it finds nothing it tells of a free slot of the first group, or IM_MAP_NOWHERE. */
static inline IM__MAP(__slot) * IM__MAP(__search_for_change)(const struct im_raw_map *map, struct im_map_view view,
                                                             IM__MAP(__query) query, uint64_t hash, size_t *room)
{
    const size_t first = (size_t)hash & view.group_mask;
    struct im_map_group group = im_map_group_load(im_map_group_of(view.table, first));
    IM__MAP(__slot) *slot = IM__MAP(__search_group)(map, view.table, first, group, query, hash);
    if (slot)
        return slot;
    *room = im_map_free_slot_in_group(group, first, hash);
    if (IM_LIKELY(im_map_group_match_empty(group)))
        return NULL;
    return IM__MAP(__search_further)(map, view, query, hash);
}

/* The slot of the change's key, or NULL; and the table that it lies in, or the newest one. Each key is in one of them. */
static inline IM__MAP(__slot) * IM__MAP(__writers_search)(IM__MAP(__change) * change)
{
    struct im_map_write *write = &change->write;
    /* Relaxed: the lock is acquired. */
    struct im_map_view view = im_map_view(im_sync_load(&write->shard->table, memory_order_relaxed));
    IM__MAP(__slot) *slot = NULL;
    change->room = IM_MAP_NOWHERE;
    while (view.table) {
        write->table = view.table;
        slot = IM__MAP(__search_for_change)(write->map, view, change->key, change->hash, &change->room);
        if (slot || IM_LIKELY(!im_map_is_row(write)))
            break;
        view = im_map_view(im_sync_load(&view.table->newer, memory_order_relaxed));
    }
    return slot;
}

/* Make room to remember that the change's slot is retired; the slot may be another one then. */
static inline void IM__MAP(__prepare_retire)(IM__MAP(__change) * change)
{
    const struct im_map_table *before = change->write.table;
    im_raw_map_prepare_retire(&change->write, &IM__MAP(__type));
    if (IM_UNLIKELY(change->write.table != before))
        change->slot = IM__MAP(__writers_search)(change);
}

/* Begin a change that leaves the key as it is if it is there, and runs no callback. */
static inline int IM__MAP(__begin_to_add)(IM__MAP(__change) * change, const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    int error = im_map_write_begin(&change->write, IM__MAP(__raw)(map), IM__MAP_RCU(_in_section)());
    if (error)
        return error;
    IM__MAP_RCU(_between_sections)();
    change->key = key;
    change->hash = IM__MAP(__hash)(change->write.map, key, im_map_seed(change->write.map, &IM__MAP(__type)));
    im_map_lock_shard_of(&change->write, &IM__MAP(__type), change->hash);
    change->slot = IM__MAP(__writers_search)(change);
    return 0;
}

/*
 * For all other changes: those wait while the shard is copied without its lock. Who gives a frozen value's key another slot,
 * which is in the same table, finishes growth first.
 */
static inline void IM__MAP(__await_copy)(IM__MAP(__change) * change, bool replaces)
{
    struct im_map_write *write = &change->write;
    for (;;) {
        if (IM_UNLIKELY(im_map_is_spread(write)))
            im_raw_map_await_copy(write, &IM__MAP(__type));
        else if (!IM__MAP_IN_PLACE && replaces && IM_UNLIKELY(im_map_is_row(write)) && change->slot)
            im_raw_map_end_growth(write, &IM__MAP(__type));
        else
            break;
        im_map_lock_shard_of(write, &IM__MAP(__type), change->hash);
        change->slot = IM__MAP(__writers_search)(change);
    }
}

/* Begin a change that gives no key another slot. */
static inline int IM__MAP(__begin)(IM__MAP(__change) * change, const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    const int error = IM__MAP(__begin_to_add)(change, map, key);
    if (!error)
        IM__MAP(__await_copy)(change, false);
    return error;
}

static inline int IM__MAP(__begin_to_replace)(IM__MAP(__change) * change, const IM_MAP_NAME *map, IM__MAP(__query) key)
{
    const int error = IM__MAP(__begin_to_add)(change, map, key);
    if (!error)
        IM__MAP(__await_copy)(change, true);
    return error;
}

static inline int IM__MAP(__end)(IM__MAP(__change) * change, int error)
{
    im_map_write_end(&change->write, &IM__MAP(__type));
    return error;
}

static inline size_t IM__MAP(__slot_index)(const struct im_map_write *write, const IM__MAP(__slot) * slot)
{
    return (size_t)((const IM__MAP(__slot) *)(const void *)write->table - slot) - 1;
}

/* Fill a free slot. */
static inline int IM__MAP(__fill)(const struct im_raw_map *map, IM__MAP(__slot) * slot, IM__MAP(__query) key,
                                  const IM__MAP(__value) * value)
{
    const int error = IM__MAP_RUN_OWN(IM__MAP(__own)(&slot->key, key, map->allocator));
    (void)map;
    if (!error)
        IM__MAP_INIT_VALUE(&slot->value, *value);
    return error;
}

/* A key that is not there yet. */
static IM_UNUSED int IM__MAP(__add)(IM__MAP(__change) * change, const IM__MAP(__value) * value)
{
    struct im_map_write *write = &change->write;
    size_t index = change->room;
    int error = 0;
    if (IM_UNLIKELY(index == IM_MAP_NOWHERE || write->table->room == 0)) {
        struct im_map_write copy = *write;
        size_t found = IM_MAP_NOWHERE;
        error = im_raw_map_make_room(&copy, &IM__MAP(__type), change->hash, &found);
        *write = copy;
        index = found;
    }
    if (error)
        return error;
    error = IM__MAP(__fill)(write->map, im_map_slot(write->table, index, sizeof(IM__MAP(__slot))), change->key, value);
    if (error)
        return error;
    if (IM_UNLIKELY(write->table->shadow))
        im_raw_map_shadow(write->table, index);
    im_map_publish(write->shard, write->table, index, im_map_control_byte(write->table, index), change->hash);
    return 0;
}

/* Take the key away and hand its value out, or end it when `old` is NULL. */
static IM_UNUSED void IM__MAP(__take)(IM__MAP(__change) * change, IM__MAP(__value) * old)
{
    struct im_map_write *write = &change->write;
    IM__MAP(__prepare_retire)(change);
    im_raw_map_retire(write, IM__MAP(__slot_index)(write, change->slot), old ? IM_MAP_KEY_PART : IM_MAP_BOTH_PARTS);
    if (old) {
#if defined(IM_MAP_ATOMIC_VALUE) || defined(IM_MAP_SHARED_VALUE) || defined(IM_MAP_DROP_VALUE)
        /*
         * Who found it may still change it, or look at what the caller now owns: it is theirs after a grace
         * period.
         */
        im_raw_map_reclaim(write, &IM__MAP(__type));
#endif
        IM__MAP_MOVE(old, &change->slot->value);
    }
    im_raw_map_settle(write, &IM__MAP(__type));
}

/*
 * Give the key another value; hand the old one out, or end it when `old` is NULL.
 * Atomic values are exchanged in place, and so are shared ones, but with nobody inside: their values are held. Frozen
 * ones get another slot, since readers may look at this one.
 */
#ifdef IM_MAP_ATOMIC_VALUE
static IM_UNUSED int IM__MAP(__exchange)(IM__MAP(__change) * change, const IM__MAP(__value) * value,
                                         IM__MAP(__value) * old)
{
    IM__MAP(__value) seen = im_atomic_swap(&change->slot->value, *value);
    if (old)
        *old = seen;
    return 0;
}
#elif defined(IM_MAP_SHARED_VALUE)
static IM_UNUSED int IM__MAP(__exchange)(IM__MAP(__change) * change, const IM__MAP(__value) * value,
                                         IM__MAP(__value) * old)
{
    IM__MAP(__value) *stored = &change->slot->value;
    if (old)
        IM__MAP_MOVE(old, stored);
#ifdef IM_MAP_DROP_VALUE
    if (!old) {
        const int cancel_state = im_sync_cancel_disable();
        IM__MAP(__drop_value)(stored);
        im_sync_cancel_restore(cancel_state);
    }
#endif
    if (IM_CHECKED)
        im_checked_memory_ends(stored, sizeof *stored);
    IM__MAP_MOVE(stored, value);
    return 0;
}
#else
static IM_UNUSED int IM__MAP(__exchange)(IM__MAP(__change) * change, const IM__MAP(__value) * value,
                                         IM__MAP(__value) * old)
{
    struct im_map_write *write = &change->write;
    size_t index = IM_MAP_NOWHERE;
    IM__MAP(__prepare_retire)(change);
    const struct im_map_table *before = write->table;
    int error = im_raw_map_make_room_near(write, &IM__MAP(__type), change->hash,
                                          IM__MAP(__slot_index)(write, change->slot), &index);
    if (error)
        return error;
    if (write->table != before)
        change->slot = IM__MAP(__writers_search)(change);

    const IM__MAP(__slot) *slot = change->slot;
    IM__MAP(__slot) *target = im_map_slot(write->table, index, sizeof *target);
    memcpy(&target->key, &slot->key, sizeof target->key);
    IM__MAP_INIT_VALUE(&target->value, *value);
    im_raw_map_publish_instead(write, index, change->hash, IM__MAP(__slot_index)(write, slot),
                               old ? IM_MAP_NO_PART : IM_MAP_VALUE_PART);
    if (!old)
        return 0;
    *old = slot->value;
#ifdef IM_MAP_DROP_VALUE
    /* A reader may still look at what the caller now owns. */
    im_raw_map_reclaim(write, &IM__MAP(__type));
#endif
    return 0;
}
#endif

/*
 * A decision about a value holds only as long as the value does not change: in-place changes wait meanwhile.
 * Between these two the stored value is stable.
 */
static inline void IM__MAP(__hold_values)(struct im_map_write *write)
{
    if (IM__MAP_IN_PLACE)
        im_raw_map_hold_values(write, &IM__MAP(__type));
}

static inline void IM__MAP(__let_values_go)(struct im_map_write *write)
{
    if (IM__MAP_IN_PLACE)
        im_raw_map_let_values_go(write);
}

/* __exchange() for who does not hold the values yet. */
static IM_UNUSED int IM__MAP(__replace_value)(IM__MAP(__change) * change, const IM__MAP(__value) * value,
                                              IM__MAP(__value) * old)
{
#ifdef IM_MAP_SHARED_VALUE
    IM__MAP(__hold_values)(&change->write);
    const int error = IM__MAP(__exchange)(change, value, old);
    IM__MAP(__let_values_go)(&change->write);
    return error;
#else
    return IM__MAP(__exchange)(change, value, old);
#endif
}

/*
 * A value on its way to what is seldom called: itself, where that is two registers at most, so that it needs no place in memory
 * where the call is not made; or where it is.
 */
typedef struct {
    unsigned char bytes[sizeof(IM__MAP(__value)) <= 2 * sizeof(uint64_t) ? sizeof(IM__MAP(__value)) : sizeof(void *)];
} IM__MAP(__passed);

static inline IM__MAP(__passed) IM__MAP(__pass)(const IM__MAP(__value) * value)
{
    const bool is_itself = sizeof *value <= 2 * sizeof(uint64_t);
    IM__MAP(__passed) passed;
    memcpy(passed.bytes, is_itself ? (const void *)value : &value, sizeof passed.bytes);
    return passed;
}

static inline const IM__MAP(__value) *
    IM__MAP(__passed_value)(const IM__MAP(__passed) * passed, IM__MAP(__value) * itself)
{
    const bool is_itself = sizeof *itself <= 2 * sizeof(uint64_t);
    const IM__MAP(__value) *value = itself;
    memcpy(is_itself ? (void *)itself : (void *)&value, passed->bytes, sizeof passed->bytes);
    return value;
}

/* Add the change's key, unless it is there, and end the change. */
static inline int IM__MAP(__end_insert)(IM__MAP(__change) * change, const IM__MAP(__passed) * passed)
{
    IM__MAP(__value) itself;
    return IM__MAP(__end)(change,
                          change->slot ? EEXIST : IM__MAP(__add)(change, IM__MAP(__passed_value)(passed, &itself)));
}

/* Insert, whatever it takes, and whatever is wrong. */
static IM_COLD int IM__MAP(__insert_anyhow)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__passed) passed)
{
    IM__MAP(__change) change;
    int error = IM__MAP(__begin_to_add)(&change, map, key);
    if (error)
        return error;
    return IM__MAP(__end_insert)(&change, &passed);
}

/* The same after im_map_write_begin_simply(), with the key's shard locked or, if `shard` is NULL, none. */
static __attribute__((noinline)) int IM__MAP(__insert_begun)(const IM_MAP_NAME *map, struct im_map_shard *shard,
                                                             uint64_t hash, IM__MAP(__query) key,
                                                             IM__MAP(__passed) passed)
{
    IM__MAP(__change) change = {.write = {.map = IM__MAP(__raw)(map), .shard = shard}, .hash = hash, .key = key};
    if (!shard)
        im_map_lock_shard_of(&change.write, &IM__MAP(__type), hash);
    change.slot = IM__MAP(__writers_search)(&change);
    return IM__MAP(__end_insert)(&change, &passed);
}

/* The same with a shard locked that is not the key's any more. */
static IM_COLD int IM__MAP(__insert_elsewhere)(const IM_MAP_NAME *map, struct im_map_shard *shard, uint64_t hash,
                                               IM__MAP(__query) key, IM__MAP(__passed) passed)
{
    im_map_lock_give(&shard->lock);
    return IM__MAP(__insert_begun)(map, NULL, hash, key, passed);
}

/*
 * Nearly all go to an empty slot of their first group, in a shard that has one table and nothing else to do. That is here, in
 * as few instructions as can be: see __change. What is called is called last, so that nothing needs to be kept for later.
 */
IM__MAP_API int IM__MAP(_insert)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value)
{
    struct im_raw_map *raw = IM__MAP(__raw)(map);
    uint64_t seed;
    if (IM_UNLIKELY(!im_map_write_begin_simply(raw, IM__MAP_RCU(_may_be_in_section)(), &seed)))
        return IM__MAP(__insert_anyhow)(map, key, IM__MAP(__pass)(&value));
    IM__MAP_RCU(_between_sections)();
    const uint64_t hash = IM__MAP(__hash)(raw, key, seed);
    struct im_map_shard *shard = im_map_shard_of(raw, hash);
    /* Relaxed: looked at again with the lock. */
    const struct im_map_view view = im_map_view(im_sync_load(&shard->table, memory_order_relaxed));
    if (IM_UNLIKELY(!view.table || im_map_seems_row(shard)))
        return IM__MAP(__insert_begun)(map, NULL, hash, key, IM__MAP(__pass)(&value));
    im_map_prefetch_for(view, sizeof(IM__MAP(__slot)), hash);
    if (IM_UNLIKELY(!im_map_lock_try(&shard->lock)))
        return IM__MAP(__insert_begun)(map, NULL, hash, key, IM__MAP(__pass)(&value));
    if (im_map_was_split(raw, shard))
        return IM__MAP(__insert_elsewhere)(map, shard, hash, key, IM__MAP(__pass)(&value));
    /* Relaxed, both: the lock is acquired. */
    if (IM_UNLIKELY(im_sync_load(&shard->table, memory_order_relaxed) != view.word ||
                    im_sync_load(&shard->newest, memory_order_relaxed)))
        return IM__MAP(__insert_begun)(map, shard, hash, key, IM__MAP(__pass)(&value));
    const size_t first = (size_t)hash & view.group_mask;
    const struct im_map_group group = im_map_group_load(im_map_group_of(view.table, first));
    int error = EEXIST;
    if (IM_LIKELY(!IM__MAP(__search_group)(raw, view.table, first, group, key, hash))) {
        /* I2: where there are any no other slots are free, and the key is not further on. */
        const unsigned empty = im_map_group_match_empty(group);
        if (IM_UNLIKELY(!empty || view.table->room == 0 || view.table->shadow))
            return IM__MAP(__insert_begun)(map, shard, hash, key, IM__MAP(__pass)(&value));
        const size_t index = im_map_slot_of_group(empty, first, hash);
        error = IM__MAP(__fill)(raw, im_map_slot(view.table, index, sizeof(IM__MAP(__slot))), key, &value);
        if (!error)
            im_map_publish(shard, view.table, index, IM_MAP_EMPTY, hash);
    }
    return im_map_write_end_simply(raw, shard, &IM__MAP(__type), error);
}

IM__MAP_API int IM__MAP(_put)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value,
                              IM__MAP(_maybe) * old)
{
    IM__MAP(__change) change;
    int error = IM__MAP(__begin_to_add)(&change, map, key);
    if (error)
        return error;
    if (change.slot)
        IM__MAP(__await_copy)(&change, true);
    const bool was_there = change.slot != NULL;
    error = was_there ? IM__MAP(__replace_value)(&change, &value, old ? &old->value : NULL)
                      : IM__MAP(__add)(&change, &value);
    if (old && !error)
        old->some = was_there;
    return IM__MAP(__end)(&change, error);
}

IM__MAP_API int IM__MAP(_replace)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) value,
                                  IM__MAP(__value) * old)
{
    IM__MAP(__change) change;
    int error = IM__MAP(__begin_to_replace)(&change, map, key);
    if (error)
        return error;
    return IM__MAP(__end)(&change, change.slot ? IM__MAP(__replace_value)(&change, &value, old) : ENOENT);
}

IM__MAP_API int IM__MAP(_remove)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(__value) * old)
{
    IM__MAP(__change) change;
    int error = IM__MAP(__begin)(&change, map, key);
    if (error)
        return error;
    if (!change.slot)
        return IM__MAP(__end)(&change, ENOENT);
    IM__MAP(__take)(&change, old);
    return IM__MAP(__end)(&change, 0);
}

/* A value that a callback made for the map has no other owner: it ends here when it cannot be stored. */
static inline int IM__MAP(__keep_made)(IM__MAP(__value) * value, int error)
{
    (void)value;
#ifdef IM_MAP_DROP_VALUE
    if (error)
        IM__MAP(__drop_value)(value);
#endif
    return error;
}

IM__MAP_API int IM__MAP(_remove_if)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_predicate) * when,
                                    void *argument, IM__MAP(__value) * old)
{
    IM__MAP(__change) change;
    int error = IM__MAP(__begin)(&change, map, key);
    if (error)
        return error;
    if (!change.slot)
        return IM__MAP(__end)(&change, ENOENT);
    IM__MAP(__hold_values)(&change.write);
    IM__MAP(__value) copy;
    const IM__MAP(__value) *value = IM__MAP_LOOK_AT(&change.slot->value, &copy);
    if (IM__MAP_SHIELDED(when(value, argument)))
        IM__MAP(__take)(&change, old);
    else
        error = ECANCELED;
    IM__MAP(__let_values_go)(&change.write);
    return IM__MAP(__end)(&change, error);
}

#ifndef IM_MAP_SHARED_VALUE
IM__MAP_API int IM__MAP(_get_or_insert_with)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_make) * make,
                                             void *argument, IM__MAP(__value) * value)
{
    if (IM__MAP(_get)(map, key, value) == 0)
        return 0;
    IM__MAP(__change) change;
    int error = IM__MAP(__begin)(&change, map, key);
    if (error)
        return error;
    if (change.slot) {
        *value = IM__MAP_LOAD(&change.slot->value);
        return IM__MAP(__end)(&change, 0);
    }
    IM__MAP(__value) made;
    error = IM__MAP_SHIELDED(make(&made, argument));
    if (!error)
        error = IM__MAP(__keep_made)(&made, IM__MAP(__add)(&change, &made));
    if (!error)
        *value = made;
    return IM__MAP(__end)(&change, error);
}
#endif

IM__MAP_API int IM__MAP(_compute)(const IM_MAP_NAME *map, IM__MAP(__query) key, IM__MAP(_computation) * compute,
                                  void *argument)
{
    IM__MAP(__change) change;
    int error = IM__MAP(__begin_to_replace)(&change, map, key);
    if (error)
        return error;
    const bool was_there = change.slot != NULL;
    IM__MAP(__value) value = {0};
    IM__MAP(__value) copy = {0};
    const IM__MAP(__value) *old = NULL;
    if (was_there) {
        IM__MAP(__hold_values)(&change.write);
        old = IM__MAP_LOOK_AT(&change.slot->value, &copy);
    }
    switch (IM__MAP_SHIELDED(compute(old, &value, argument))) {
    case IM_MAP_STORE:
        error = was_there ? IM__MAP(__exchange)(&change, &value, NULL) : IM__MAP(__add)(&change, &value);
        error = IM__MAP(__keep_made)(&value, error);
        break;
    case IM_MAP_REMOVE:
        if (was_there)
            IM__MAP(__take)(&change, NULL);
        break;
    case IM_MAP_KEEP:
        break;
    }
    if (was_there)
        IM__MAP(__let_values_go)(&change.write);
    return IM__MAP(__end)(&change, error);
}

/* A read section with the key in it, inserted where needed; not found only after an error. */
IM__MAP_API IM__MAP(_guard) IM__MAP(_guard_open_or_insert)(const IM_MAP_NAME *map, IM__MAP(__query) key,
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

/* ---- Many keys at once: shard by shard ---- */

/* All keys of one table of a locked shard that `keep` does not want. */
static IM_UNUSED void IM__MAP(__retain_in_table)(struct im_map_write *write, IM__MAP(_keeper) * keep, void *argument)
{
    const struct im_map_table *table = write->table;
    for (size_t index = 0; index < im_map_slots_of(table); index++) {
        if (!im_map_control_is_full(im_map_control_byte(table, index)))
            continue;
        const IM__MAP(__slot) *slot = im_map_slot(table, index, sizeof *slot);
        IM__MAP(__value) copy;
        const IM__MAP(__value) *value = IM__MAP_LOOK_AT(&slot->value, &copy);
        if (IM__MAP_SHIELDED(keep(IM__MAP(__query_of)(slot), value, argument)))
            continue;
        if (im_map_is_log_full(table))
            im_raw_map_reclaim(write, &IM__MAP(__type));
        im_raw_map_retire(write, index, IM_MAP_BOTH_PARTS);
    }
}

IM__MAP_API int IM__MAP(_retain)(const IM_MAP_NAME *map, IM__MAP(_keeper) * keep, void *argument)
{
    struct im_map_write write;
    int error = im_map_write_begin(&write, IM__MAP(__raw)(map), IM__MAP_RCU(_in_section)());
    if (error)
        return error;
    for (size_t at = 0; im_raw_map_lock_next(&write, &IM__MAP(__type), &at); im_raw_map_unlock(&write)) {
        IM__MAP(__hold_values)(&write);
        for (; write.table; write.table = im_map_newer_table(write.table))
            IM__MAP(__retain_in_table)(&write, keep, argument);
        IM__MAP(__let_values_go)(&write);
        if (IM_UNLIKELY(write.map->synchronous))
            im_raw_map_reclaim(&write, &IM__MAP(__type));
        im_raw_map_settle(&write, &IM__MAP(__type));
    }
    im_raw_map_write_end(&write, &IM__MAP(__type));
    return 0;
}

/* Everything in a table that no reader looks at any more. */
static IM_UNUSED void IM__MAP(__drain_table)(const struct im_map_table *table, IM__MAP(_taker) * take, void *argument)
{
    for (size_t index = 0; index < im_map_slots_of(table); index++) {
        if (!im_map_control_is_full(im_map_control_byte(table, index)))
            continue;
        const IM__MAP(__slot) *slot = im_map_slot(table, index, sizeof *slot);
        take(IM__MAP(__query_of)(slot), IM__MAP_TAKEN(&slot->value), argument);
    }
}

IM__MAP_API int IM__MAP(_drain)(const IM_MAP_NAME *map, IM__MAP(_taker) * take, void *argument)
{
    struct im_map_write write;
    int error = im_map_write_begin(&write, IM__MAP(__raw)(map), IM__MAP_RCU(_in_section)());
    if (error)
        return error;
    for (size_t at = 0; im_raw_map_lock_next(&write, &IM__MAP(__type), &at); im_raw_map_unlock(&write)) {
        struct im_map_table *table = im_raw_map_detach(&write), *next;
        if (!table)
            continue;
        const int cancel_state = im_sync_cancel_disable();
        im_raw_map_await_readers(&write, &IM__MAP(__type));
        for (; table; table = next) {
            next = im_map_newer_table(table);
            IM__MAP(__drain_table)(table, take, argument);
            im_raw_map_end_table(&write, &IM__MAP(__type), table, IM_MAP_KEY_PART);
        }
        im_sync_cancel_restore(cancel_state);
    }
    im_raw_map_write_end(&write, &IM__MAP(__type));
    return 0;
}

/* ---- The whole map ---- */

IM__MAP_API void IM__MAP(_init)(IM_MAP_NAME *map, const struct im_map_options *options)
{
    if (map)
        im_raw_map_init(&map->raw, options);
}

IM__MAP_API void IM__MAP(_destroy)(IM_MAP_NAME *map)
{
    im_raw_map_destroy(map ? &map->raw : NULL, &IM__MAP(__type));
}

IM__MAP_API int IM__MAP(_reserve)(const IM_MAP_NAME *map, size_t additional)
{
    return im_raw_map_reserve(IM__MAP(__raw)(map), &IM__MAP(__type), additional);
}

IM__MAP_API int IM__MAP(_shrink_to_fit)(const IM_MAP_NAME *map)
{
    return im_raw_map_shrink_to_fit(IM__MAP(__raw)(map), &IM__MAP(__type));
}

IM__MAP_API int IM__MAP(_clear)(const IM_MAP_NAME *map)
{
    return im_raw_map_clear(IM__MAP(__raw)(map), &IM__MAP(__type));
}

IM__MAP_API int IM__MAP(_synchronize)(const IM_MAP_NAME *map)
{
    return im_raw_map_synchronize(IM__MAP(__raw)(map), &IM__MAP(__type));
}

IM__MAP_API struct im_map_stats IM__MAP(_stats)(const IM_MAP_NAME *map)
{
    struct im_map_stats stats = {0};
    if (!map)
        return stats;
    IM__MAP_RCU(_read_lock)();
    stats = im_raw_map_stats(&map->raw);
    IM__MAP_RCU(_read_unlock)();
    return stats;
}

IM__MAP_API struct im_map_probe_stats IM__MAP(_probe_stats)(const IM_MAP_NAME *map)
{
    struct im_map_probe_stats stats = {0};
    if (!map)
        return stats;
    IM__MAP(__walk_begin)(map);
    stats = im_raw_map_probe_stats(&map->raw, &IM__MAP(__type));
    IM__MAP(__walk_end)(map);
    return stats;
}

#endif /* IM__MAP_HAS_BODIES */

#pragma GCC diagnostic pop

#undef IM__MAP
#undef IM__MAP_API
#undef IM__MAP_CALL
#undef IM__MAP_LINKAGE
#undef IM__MAP_SEARCHED
#undef IM__MAP_FULLY
#undef IM__MAP_HAS_BODIES
#undef IM__MAP_TO
#undef IM__MAP_VALUE
#undef IM__MAP_RCU
#undef IM__MAP_RUN_OWN
#undef IM__MAP_RCU_HEADER
#undef IM__MAP_RCU_INCLUDE
#undef IM__MAP_IN_PLACE
#undef IM__MAP_LOAD
#undef IM__MAP_INIT_VALUE
#undef IM__MAP_SHOW
#undef IM__MAP_SHOWN
#undef IM__MAP_LOOK_AT
#undef IM__MAP_MOVE
#undef IM__MAP_TAKEN
#undef IM__MAP_DROP_SLOT
