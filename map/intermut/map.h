/* SPDX-License-Identifier: MIT */
/**
 * @file map.h
 * A concurrent hash map whose lookups never block and whose values may be changed in place, also while it grows.
 *
 * Use it for tables that many threads read and some write: caches, routes, sessions, counters. It is a template: define
 * what you want, include this header, and get a type and functions of your own. May be included many times.
 *
 *     #include <intermut/traits.h>
 *     typedef struct { uint32_t gateway; uint16_t port; } route;
 *     IM_FREEZE(route);
 *
 *     #define IM_MAP_NAME  route_map
 *     #define IM_MAP_KEY   uint32_t
 *     #define IM_MAP_VALUE route
 *     #include <intermut/map.h>
 *
 *     static route_map routes;                              // zeroed is an empty map
 *
 *     int error = route_map_insert(&routes, 42, here);      // 0, EEXIST, ENOMEM
 *     route found;
 *     if (route_map_get(&routes, 42, &found) == 0) { ... }  // any thread, without waiting
 *
 * ## Parameters (all are undefined again at the end)
 *
 * | parameter                          | meaning                                                                      |
 * |------------------------------------|------------------------------------------------------------------------------|
 * | IM_MAP_NAME                        | the type, and the prefix of its functions                                    |
 * | IM_MAP_KEY K                       | type of the keys: one word, declared IM_FREEZE(K)                            |
 * | or IM_MAP_STRING_KEY               | owned strings, looked up by struct im_slice: <intermut/string_key.h>         |
 * | IM_MAP_VALUE T                     | type of the values: one word, declared IM_FREEZE(T); replaced, never changed |
 * | or IM_MAP_ATOMIC_VALUE T           | values are im_atomic(T), changed in place through a pointer to const         |
 * | or IM_MAP_SHARED_VALUE T           | values of other intermut types, as im_mutex(T), or a struct of such: below   |
 * | IM_MAP_RCU bp, memb or qsbr        | flavour of read sections: <intermut/rcu.h>; default bp                       |
 * | IM_MAP_HASH(query, seed)           | uint64_t; all 64 bits must be well mixed; default: keyed XXH3                |
 * | IM_MAP_EQ(a, b)                    | whether two queries are the same key; default: ==, or the same bytes         |
 * | IM_MAP_CONTEXT C                   | a pointer to const, which each map has of its own: "Context" below           |
 * | IM_MAP_QUERY Q                     | type of what a key is looked up by; default: K                               |
 * | IM_MAP_QUERY_OF(key)               | the query of a const K *; with IM_MAP_QUERY                                  |
 * | IM_MAP_OWN(key, query, allocator)  | make *key, a K *, own what the query names: 0 or an error; with IM_MAP_QUERY |
 * | IM_MAP_DROP_KEY(key, allocator)    | end a K *: called once for each owned key, after its last reader             |
 * | IM_MAP_DROP_VALUE(value)           | end a T *: called once for each value that the map still owns, after its     |
 * |                                    | last reader; for IM_MAP_VALUE and IM_MAP_SHARED_VALUE                        |
 * | IM_MAP_DECLARE, IM_MAP_IMPLEMENT   | one set of functions for many files: "In many files" below                   |
 * | IM_MAP_PRINT_KEY(key, text, size)  | a K * as text, as snprintf() does: for the reports of a checked build        |
 * | IM_MAP_SAME_VALUE(a, b)            | whether two T * are the same value: for a checked build by clang, with T     |
 * |                                    | that have padding                                                            |
 *
 * K and T are one identifier each: uint64_t instead of unsigned long, `typedef const char *name; IM_FREEZE(name);`.
 * A scalar key needs no more than its type; a struct key needs IM_MAP_HASH and IM_MAP_EQ. The seed is random, and each
 * map has its own, so keys that were chosen to collide elsewhere do not collide here; but XXH3 is no cryptographic
 * hash, and a hash of yours that leaves the seed out can be flooded: its searches get as long as there are keys. Hash,
 * eq, own and drop run inside operations of the map and must not call it: a change from there is EDEADLK.
 *
 * A mistake in them is one error that says so. What they mention keeps its meaning, whatever it is called.
 *
 * ## Context
 *
 * What is equal may be decided anew for each map, by a collation, a secret, or where the texts lie that keys stand for. With
 * IM_MAP_CONTEXT a map calls IM_MAP_HASH(query, seed, context), which is needed then, and IM_MAP_EQ(a, b, context), if that
 * is defined, with the context that it was given by NAME_init(), NULL if there was none:
 *
 *     #define IM_MAP_NAME       name_map
 *     #define IM_MAP_STRING_KEY
 *     #define IM_MAP_VALUE      int
 *     #define IM_MAP_CONTEXT    const struct collation *
 *     #define IM_MAP_HASH(query, seed, context)  collation_hash(context, query, seed)
 *     #define IM_MAP_EQ(a, b, context)           collation_equal(context, a, b)
 *     #include <intermut/map.h>
 *
 *     name_map_init(&map, &(struct im_map_options){.context = &swedish});
 *
 * The map borrows it until NAME_destroy() has returned. Any threads read it at the same time, a thread of the map's own among
 * them, without a lock: it does not change meanwhile, or it is of an interior-mutable type. In neither case may a change
 * of it give a key that is in the map another hash, or make it equal to others.
 *
 * ## In many files
 *
 * Every file that includes this header for a map has functions of its own, of which the compiler drops those that are
 * not used. For a map that many files use, define IM_MAP_DECLARE in a header of its own: lookups are inlined where they
 * are used, and all else is called. One file has the rest, for which it says IM_MAP_IMPLEMENT before it includes that
 * header:
 *
 *     #ifndef ROUTES_H                                      #define IM_MAP_IMPLEMENT
 *     #define ROUTES_H                                      #include "routes.h"
 *     #define IM_MAP_NAME  route_map
 *     #define IM_MAP_KEY   uint32_t
 *     #define IM_MAP_VALUE route
 *     #define IM_MAP_DECLARE
 *     #include <intermut/map.h>
 *     #endif
 *
 * Files that search the map with other types of keys or values, or another flavour, do not link with it: what they miss
 * is called NAME__search_of_KEY_to_VALUE_under_FLAVOUR.
 *
 * ## What there is then (NAME is IM_MAP_NAME; all take a shared pointer, `const NAME *`, unless said otherwise)
 *
 * | function                              | does                                                                   |
 * |---------------------------------------|------------------------------------------------------------------------|
 * | NAME_init(NAME *, options)            | an empty map, with struct im_map_options; zeroed needs none. Exclusive |
 * | NAME_destroy(NAME *)                  | drops all keys and values, frees the tables; empty again. Exclusive    |
 * | NAME_get(map, key, T *value)          | copy of the value's bytes: 0, ENOENT; value must not be NULL           |
 * | NAME_get_many(map, keys, n, NAME_maybe *values) | the same for n keys, fetched together; how many were found   |
 * | NAME_contains(map, key)               | bool                                                                   |
 * | NAME_len(map)                         | number of keys                                                         |
 * | NAME_insert(map, key, value)          | a new key: 0, EEXIST                                                   |
 * | NAME_put(map, key, value, NAME_maybe *old)       | insert or replace; the old value to *old (may be NULL)      |
 * | NAME_replace(map, key, value, T *old)            | 0, ENOENT; old may be NULL                                  |
 * | NAME_remove(map, key, T *old)                    | 0, ENOENT; old may be NULL                                  |
 * | NAME_remove_if(map, key, when, arg, T *old)      | 0, ENOENT, ECANCELED when `when(value, arg)` is false       |
 * | NAME_get_or_insert_with(map, key, make, arg, T *value) | the value, made by `make(T *, arg)` if there was none |
 * | NAME_compute(map, key, compute, arg)             | `compute(old or NULL, T *new, arg)` says keep, store, remove |
 * | NAME_for_each(map, visit, arg)                   | `visit(query, const T *, arg)` for each; nonzero stops      |
 * | NAME_cursor_open(map), NAME_cursor_next(&cursor) | the same as a loop; next: bool, then cursor.key, cursor.value |
 * | NAME_cursor_close(&cursor)                       | leaves it, at its end or before                             |
 * | NAME_retain(map, keep, arg)                      | removes keys for which `keep(query, const T *, arg)` is false |
 * | NAME_clear(map)                                  | removes all keys                                            |
 * | NAME_drain(map, take, arg)                       | removes all keys; values go to `take(query, T, arg)`        |
 * | NAME_reserve(map, n)                             | room for n more keys                                        |
 * | NAME_shrink_to_fit(map)                          | gives back the memory that its keys do not need             |
 * | NAME_synchronize(map)                            | drop now what removals and replacements left behind         |
 * | NAME_stats(map)                                  | struct im_map_stats                                         |
 * | NAME_probe_stats(map)                            | struct im_map_probe_stats; walks over all keys              |
 * | NAME_read_lock(map), NAME_read_unlock(map)       | a read section, for find                                    |
 * | NAME_find(map, key)                              | pointer to the value, valid in the read section, or NULL    |
 *
 * Where nothing else is said they return 0 or an error (below), for_each what `visit` stopped with.
 *
 * The callbacks, with T for the type of values and Q for what keys are looked up by (of strings a struct im_slice: `bytes`
 * and `length`, without NUL):
 *
 *     bool when(const T *value, void *arg);
 *     int make(T *value, void *arg);                            // 0, or an error that is handed on
 *     enum im_map_action compute(const T *old, T *value, void *arg);     // IM_MAP_KEEP, IM_MAP_STORE, IM_MAP_REMOVE
 *     int visit(Q key, const T *value, void *arg);
 *     bool keep(Q key, const T *value, void *arg);
 *     void take(Q key, T value, void *arg);                     // the value is the callback's now
 *
 * A NAME_maybe has `some`, whether there was an old value, and `value`. A visitor cannot change the map (EDEADLK).
 *
 * Of a value that owns something (IM_MAP_DROP_VALUE), get copies only the bytes, and what they point to may be
 * dropped at any time: look at it inside im_map_with instead.
 *
 * And blocks that open a read section and leave it however the block ends (return, goto, break; break and continue
 * end the block itself, not a loop around it):
 *
 *     im_map_with(route_map, r, &routes, 42) { use(r->gateway); } else { puts("no such route"); }
 *     im_map_with_or_insert(hit_map, n, &hits, page, 0) im_atomic_fetch_add(n, 1);
 *
 * ## Who may run with whom
 *
 * All shared operations may run at the same time from any threads. Those on one key are linearizable: each takes place
 * at one moment between its call and its return, so what returned is seen by every search that begins after it. A key
 * that is in the map throughout a search is found by it, whatever grows or is replaced meanwhile. A change inside a read
 * section of any map is EDEADLK.
 *
 * A map is divided into shards by hash; changes of one shard exclude each other, those of different shards do not. A
 * small map is one shard, until it has grown beyond some thousand keys or its lock has been waited for many times; the
 * options say otherwise. What is said here of all keys is done shard by shard, and is no moment of the whole map:
 *
 * - for_each and cursors show each key once that is neither inserted nor removed meanwhile, though it is replaced, with
 *   a value that it had meanwhile, and may show the others. They hold a read section for each shard: a change by the
 *   same thread is EDEADLK.
 * - retain decides about each key once that is neither inserted nor removed meanwhile, and nobody changes that key
 *   between the decision and its removal.
 * - clear and drain remove each key that is in the map throughout; those inserted meanwhile they remove or not. drain
 *   waits until nobody looks at a value before it hands it out.
 * - len and stats count keys that are inserted or removed meanwhile or not.
 * - reserve makes room for a share of the keys in each shard, with so much more that unlucky hashes find room too: it
 *   may take twice the memory that these keys would have had without it. What is reserved stays until shrink_to_fit;
 *   apart from that, a shard less than an eighth full halves its table twice, but none of up to 128 slots; and shards
 *   are never merged. What once was large keeps these until shrink_to_fit.
 *
 * **Frozen values** are never changed, only replaced; a pointer from find stays as it is until the section ends.
 *
 * **Atomic values** are changed through find's pointer, in a section that read_lock, try_read_lock or a block opened,
 * by any number of threads, and no change is lost: before a table is copied the map waits until all sections are
 * left, and new ones wait for it; who inserts does not, since new keys go to the new table meanwhile. get, contains, len,
 * stats, for_each and cursors do not wait; so what is found inside of a walk, in no section but the walk's own, must not
 * be used, since growth may just have copied it (try_read_lock opens a section there; get gives a copy). put and replace
 * swap the value in place; remove_if, compute and retain stop changes of all values
 * while they decide; get, for_each, old and new values are plain T.
 *
 * **Shared values** are whatever has its own way of being shared: im_mutex, im_rwlock, im_seqlock, im_once, im_refcell
 * and im_qcell under an owner, im_atomic, or a struct with some of them. They lie in the table, and are used through
 * find's pointer to const:
 *
 *     typedef im_mutex(struct account) account;
 *     #define IM_MAP_NAME         bank
 *     #define IM_MAP_KEY          uint64_t
 *     #define IM_MAP_SHARED_VALUE account
 *     #include <intermut/map.h>
 *
 *     im_map_with_or_insert(bank, shared, &map, number, (account)IM_MUTEX_INIT({.cents = 0})) {
 *         im_mutex_with(it, shared) it->cents += 100;
 *     }
 *
 * As with atomic values, growth waits until all sections are left, and new ones wait for it: so it waits for who holds a
 * lock in the table, or runs an initialiser, and moves a value by its bytes only while nobody is inside. Hence what is
 * opened inside a section ends inside it: a lock is not held, and no borrow or pointer kept, beyond its block. T must be
 * of the kind that may be moved by its bytes while nobody uses it. All named above are; im_mutex_of(im_raw_pthread, T),
 * values that point into themselves, and pinned owners are not.
 *
 * get, get_many and get_or_insert_with would copy a value that others are inside of, and do not compile. remove, put,
 * replace and drain move the old value out when nobody is inside any more. Callbacks get the value itself: those of
 * remove_if, compute and retain while nobody is inside any value, those of for_each and a cursor's pointer beside
 * others, in a section like read_lock's. im_lock2 is for two values of one map, found in one section.
 *
 * A checked build remembers the order of locks and the users of unsync values by their addresses. The map tells it what
 * it moves and ends: a lock that growth moves keeps its order, and who uses an unsync value is learnt anew. A lock that is
 * still held when its old table ends, beyond its section, is a panic.
 *
 * **Boxed values**, whose address must stay, are frozen values that are pointers: `typedef struct session *session_ref;
 * IM_FREEZE(session_ref);`. Growth moves the pointer; what it points to stays where it is until IM_MAP_DROP_VALUE ends it,
 * and is changed in its own way. No kind of value is boxed by the map: growth moves atomic and shared ones.
 *
 * Opening such a section may wait for a writer, which may wait for all open sections. So it must not happen inside a
 * read section of any map: that is a panic, in the lucky cases too. NAME_try_read_lock() says false where it would have
 * to wait, and may be used there. For the same reason take no lock inside such a section that anybody holds while
 * opening one.
 *
 * Callbacks run while their key's shard is being changed, and see it as it was before. They may read it by get, and
 * change other maps, as long as two maps do not change each other, and not more than eight of them inside each other.
 *
 * A checked build (-DIM_CHECKED=1) finds out who changes what is frozen, and who uses what find gave, of any of the three
 * kinds, after its section: <intermut/map_checked.h>. A reader that never leaves its section is reported to
 * im_map_on_stall()'s handler: <intermut/map_stall.h>.
 *
 * ## Errors
 *
 * Functions that return int return 0 or: EINVAL for a NULL map; EDEADLK as above; ENOMEM and EOVERFLOW, with the map
 * as before; and those of IM_MAP_OWN and `make`. On any error key and value stay with the caller; a value from `make`
 * or `compute` that cannot be stored is ended by IM_MAP_DROP_VALUE. A value that compute stores takes the place of
 * the old one, which ends: it must not share what the old one owns.
 *
 * ## Cost
 *
 * A search is a read section, a hash, and mostly two cache lines. Memory: (size of the slot + 1) / load, load between
 * 7/16 and 7/8. Tables that have 4 MiB and more together lie in huge pages, if the system has them and the map has no
 * allocator, as far as reserve or a thread of the map's own has made those before the tables are wanted; in small ones
 * otherwise, until they grow again. Those that are copied to by that thread are made ready by it, and so they nearly all
 * do where one thread inserts. Where several do, a shard may have had two tables of one size: what the first one had is
 * given back when no shard grows, and huge pages that it lay on in part are small ones then. What tables leave when the
 * map grows or shrinks is given back when nearly all of them have left.
 *
 * Removed and replaced slots, up to an eighth of a table and 2,048 of them, wait for a grace period together, and so do
 * tables that were replaced, up to a 64th of all or 64 KiB; beyond that, or from half of so many slots on, a thread of
 * the map's own waits for readers, and frees the tables; it goes when there is no more to do. The same thread copies
 * tables of atomic and shared values, and large ones of frozen values; until it has, keys lie in two tables or more.
 * Who inserts so fast that it cannot split such a map sleeps for 0.1 ms at each 256 keys meanwhile, with nothing of
 * that map locked. Who replaces a frozen value before that copies them himself. That thread calls the hash and, for
 * copies of large tables, the allocator, but nothing else: what ends by another callback, or goes back to an allocator,
 * it only waits for, and the next change of the map, of whatever key, ends it. A fork() waits until it pauses, for 100
 * ms at most, and not at all inside a read section or a callback. Writers wait for readers only
 * - when an eighth of a table's slots, or 2,048, wait already, and readers have not left their sections since the first
 *   half of them was removed or replaced; at each eighth in tables of less than 512 slots of values that change in place
 *   or end by a callback,
 * - when old values are handed out that are atomic or have IM_MAP_DROP_VALUE,
 * - while the tables of a shard of atomic or shared values are copied, for some 0.2 ms, and once in the life of a map for
 *   some ms, when what is there is copied from one shard to many: all changes of that shard but insert, and put of new keys;
 *   these, too, where they come faster than they are copied, until all that came meanwhile is,
 * - in reserve, shrink_to_fit and synchronize, and where there can be no thread, when tables of atomic or shared values
 *   are copied,
 * - when 32 times as much is waiting as said above,
 * - always, with the option `synchronous`.
 * Sources: the RCU map of "Interior mutability and safety of ownership transfer in Rust", Rust Internals forum, March
 * 2026 (growth); abseil's SwissTable (layout). raw_map.c has the whole story.
 */
#ifndef INTERMUT_MAP_H
#define INTERMUT_MAP_H

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Locals in inline functions hide what users call the same, here and in the template, and mean nothing by it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#include <intermut/atomic.h>
#include <intermut/map_checked.h>
#include <intermut/raw_map.h>
#include <intermut/string_key.h>
#pragma GCC diagnostic pop

/* Keys of a bulk lookup that are fetched at the same time: about what a core can have on their way. */
enum { IM_MAP_BATCH = 16 };

/**
 * `im_map_with(NAME, name, map, key)`: a block that runs with `name`, a pointer to the value of `key`, in a read
 * section, or the else part, outside of any section, when there is no such key. Leaving it by return, goto or break
 * is fine; break ends the block, not a loop around it.
 */
#define im_map_with(NAME, name, map, ...) IM__MAP_BLOCK(NAME, name, NAME##_guard_open(map, (__VA_ARGS__), IM_HERE))

/**
 * `im_map_with_or_insert(NAME, name, map, key, initial)`: the same, with the key inserted first, with `initial` as
 * its value, if it is not there. The else part runs when that was not possible: out of memory, or inside a read
 * section (EDEADLK; with atomic or shared values that is a panic).
 */
#define im_map_with_or_insert(NAME, name, map, key, ...) \
    IM__MAP_BLOCK(NAME, name, NAME##_guard_open_or_insert(map, key, (__VA_ARGS__), IM_HERE))

#define IM__MAP_BLOCK(NAME, name, open_guard) \
    IM__MAP_BLOCK_BY(NAME, name, open_guard, IM_UNIQUE(guard), IM_UNIQUE(once))
/* The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. */
#define IM__MAP_BLOCK_BY(NAME, name, open_guard, guard, once)                                               \
    for (NAME##_guard guard IM_CLEANUP(NAME##_guard_close) = open_guard, *once = &guard; once; once = NULL) \
        for (NAME##_find_result const name = guard.value; once; once = NULL)                                \
            if (name)

/* A callback, which may have cancellation points, run under the lock of a map: a pending cancel waits for its end. */
#define IM__MAP_SHIELDED(call) IM__MAP_SHIELDED_BY(call, IM_UNIQUE(state), IM_UNIQUE(result))
#define IM__MAP_SHIELDED_BY(call, state, result)    \
    ({                                              \
        const int state = im_sync_cancel_disable(); \
        __typeof__(call) result = (call);           \
        im_sync_cancel_restore(state);              \
        result;                                     \
    })

/* What the map itself does with a value that changes in place. */
#if IM_CHECKED
#define IM__MAP_OWN_USE(operation) IM__MAP_OWN_USE_BY(operation, IM_UNIQUE(result))
#define IM__MAP_OWN_USE_BY(operation, result)   \
    ({                                          \
        im_map_uses_values(true);               \
        const __auto_type result = (operation); \
        im_map_uses_values(false);              \
        result;                                 \
    })
#else
#define IM__MAP_OWN_USE(operation) (operation)
#endif

/* A function that some maps do not have: a call is an error that says why. */
#if __has_attribute(unavailable)
#define IM__MAP_UNAVAILABLE(sentence) __attribute__((unavailable(sentence)))
#else
#define IM__MAP_UNAVAILABLE(sentence) __attribute__((error(sentence)))
#endif

/* Whether a parameter has nothing after it, or is a name that begins with a word which cannot be part of an identifier. */
#define IM__MAP_IS_EMPTY(...) IM__MAP_BEGINS_WITH_ONE_OF(IM__MAP_NOTHING_, __VA_ARGS__, ~)
#define IM__MAP_NOTHING_ ~, 1
#define IM__MAP_IS_TAGGED(...) IM__MAP_BEGINS_WITH_ONE_OF(IM__MAP_TAG_, __VA_ARGS__, ~)
#define IM__MAP_TAG_struct ~, 1,
#define IM__MAP_TAG_union ~, 1,
#define IM__MAP_TAG_enum ~, 1,
/* 1 if pasted to the first word this is a macro, whose second argument follows; otherwise 0. */
#define IM__MAP_BEGINS_WITH_ONE_OF(words, first, ...) IM__MAP_SECOND(words##first, 0, ~)
#define IM__MAP_SECOND(...) IM__MAP_SECOND_OF(__VA_ARGS__)
#define IM__MAP_SECOND_OF(first, second, ...) second

#endif /* INTERMUT_MAP_H; from here on once for each map that is asked for */

/*
 * A mistake in the parameters is one sentence: what follows it puts the parameters right, so that there is a map, and
 * what uses it compiles.
 */
#ifdef IM_MAP_NAME
#if IM__MAP_IS_EMPTY(IM_MAP_NAME) || IM__MAP_IS_TAGGED(IM_MAP_NAME)
#error "map: IM_MAP_NAME is one word: the type, and the prefix of its functions"
/* True, but of any other two words, between which the preprocessor misses an operator. */
#elif 1 || IM_MAP_NAME
#if defined(IM_MAP_VALUE) + defined(IM_MAP_ATOMIC_VALUE) + defined(IM_MAP_SHARED_VALUE) != 1
#error "map: define one of IM_MAP_VALUE, IM_MAP_ATOMIC_VALUE and IM_MAP_SHARED_VALUE"
#ifdef IM_MAP_VALUE
#undef IM_MAP_ATOMIC_VALUE
#elif !defined(IM_MAP_ATOMIC_VALUE)
#define IM_MAP_VALUE int
#endif
#undef IM_MAP_SHARED_VALUE
#endif
#if IM__MAP_IS_EMPTY(IM_MAP_VALUE) || IM__MAP_IS_EMPTY(IM_MAP_ATOMIC_VALUE) || IM__MAP_IS_EMPTY(IM_MAP_SHARED_VALUE)
#error "map: after IM_MAP_VALUE, IM_MAP_ATOMIC_VALUE or IM_MAP_SHARED_VALUE comes a type"
#ifdef IM_MAP_VALUE
#undef IM_MAP_VALUE
#define IM_MAP_VALUE int
#elif defined(IM_MAP_ATOMIC_VALUE)
#undef IM_MAP_ATOMIC_VALUE
#define IM_MAP_ATOMIC_VALUE int
#else
#undef IM_MAP_SHARED_VALUE
#define IM_MAP_SHARED_VALUE int
#endif
#endif
#if defined(IM_MAP_KEY) == defined(IM_MAP_STRING_KEY)
#error "map: define one of IM_MAP_KEY and IM_MAP_STRING_KEY"
#undef IM_MAP_STRING_KEY
#ifndef IM_MAP_KEY
#define IM_MAP_KEY int
#endif
#endif
#if IM__MAP_IS_EMPTY(IM_MAP_KEY)
#error "map: after IM_MAP_KEY comes a type"
#undef IM_MAP_KEY
#define IM_MAP_KEY int
#endif
#if IM__MAP_IS_EMPTY(IM_MAP_RCU)
#error "map: after IM_MAP_RCU comes bp, memb or qsbr"
#undef IM_MAP_RCU
#endif
#if defined(IM_MAP_ATOMIC_VALUE) && defined(IM_MAP_DROP_VALUE)
#error "map: IM_MAP_DROP_VALUE is for frozen and shared values (IM_MAP_VALUE, IM_MAP_SHARED_VALUE)"
#undef IM_MAP_DROP_VALUE
#endif
#if defined(IM_MAP_STRING_KEY) && \
    (defined(IM_MAP_QUERY) || defined(IM_MAP_QUERY_OF) || defined(IM_MAP_OWN) || defined(IM_MAP_DROP_KEY))
#error "map: IM_MAP_STRING_KEY brings its own IM_MAP_QUERY, _QUERY_OF, _OWN and _DROP_KEY"
#undef IM_MAP_QUERY
#undef IM_MAP_QUERY_OF
#undef IM_MAP_OWN
#undef IM_MAP_DROP_KEY
#endif
#if defined(IM_MAP_CONTEXT) && !defined(IM_MAP_HASH)
#error "map: IM_MAP_CONTEXT needs IM_MAP_HASH(query, seed, context)"
#undef IM_MAP_CONTEXT
#undef IM_MAP_EQ
#endif
#if defined(IM_MAP_STRING_KEY) && defined(IM_MAP_EQ) && !defined(IM_MAP_HASH)
#error "map: IM_MAP_EQ of strings needs IM_MAP_HASH: what is equal has one hash"
#undef IM_MAP_EQ
#endif
#if defined(IM_MAP_QUERY) && \
    !(defined(IM_MAP_QUERY_OF) && defined(IM_MAP_OWN) && defined(IM_MAP_EQ) && defined(IM_MAP_HASH))
#error "map: IM_MAP_QUERY needs IM_MAP_QUERY_OF, IM_MAP_OWN, IM_MAP_EQ and IM_MAP_HASH"
#undef IM_MAP_QUERY
#undef IM_MAP_QUERY_OF
#undef IM_MAP_OWN
#elif !defined(IM_MAP_QUERY) && (defined(IM_MAP_QUERY_OF) || defined(IM_MAP_OWN))
#error "map: IM_MAP_QUERY_OF and IM_MAP_OWN go with IM_MAP_QUERY"
#undef IM_MAP_QUERY_OF
#undef IM_MAP_OWN
#endif
#include <intermut/map_template.h>
#else
#error "map: IM_MAP_NAME is one word: the type, and the prefix of its functions"
#endif
#elif defined(IM_MAP_KEY) || defined(IM_MAP_STRING_KEY) || defined(IM_MAP_VALUE) || defined(IM_MAP_ATOMIC_VALUE) || \
    defined(IM_MAP_SHARED_VALUE)
#error "map: define IM_MAP_NAME, too: the type, and the prefix of its functions"
#endif

#if defined(IM_MAP_NAME) || defined(IM_MAP_KEY) || defined(IM_MAP_STRING_KEY) || defined(IM_MAP_VALUE) || \
    defined(IM_MAP_ATOMIC_VALUE) || defined(IM_MAP_SHARED_VALUE)
#undef IM_MAP_NAME
#undef IM_MAP_DECLARE
#undef IM_MAP_IMPLEMENT
#undef IM_MAP_KEY
#undef IM_MAP_STRING_KEY
#undef IM_MAP_VALUE
#undef IM_MAP_ATOMIC_VALUE
#undef IM_MAP_SHARED_VALUE
#undef IM_MAP_RCU
#undef IM_MAP_HASH
#undef IM_MAP_EQ
#undef IM_MAP_CONTEXT
#undef IM_MAP_QUERY
#undef IM_MAP_QUERY_OF
#undef IM_MAP_OWN
#undef IM_MAP_DROP_KEY
#undef IM_MAP_DROP_VALUE
#undef IM_MAP_SAME_VALUE
#undef IM_MAP_PRINT_KEY
#endif
