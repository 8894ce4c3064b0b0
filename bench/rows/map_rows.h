/* SPDX-License-Identifier: MIT */
/*
 * All map rows for one map: include this after the adapter below, in a file of its own. C and C++.
 *
 *     #define MAP_NAME "…"                     the contender's name in targets.json
 *     struct map_adapter { … };
 *     static void map_open(struct map_adapter *, uint64_t entries);   room for `entries` is wanted; 0: grows as it
 * fills static void map_close(struct map_adapter *); static bool map_get(struct map_adapter *, uint64_t key, uint64_t
 * *value); static void map_insert(struct map_adapter *, uint64_t key, uint64_t value);   the key is not there static
 * void map_update(struct map_adapter *, uint64_t key, uint64_t value);   the key is there static void map_remove(struct
 * map_adapter *, uint64_t key);                   the key is there static void map_enter(void), map_leave(void); around
 * all use by a thread static void map_quiescent(uint64_t i);                        after each operation
 *
 * map_open gets the number of entries only in rows that do not measure growth, and may ignore it. A map that lacks
 * concurrent removal, or growth, defines MAP_CANNOT_REMOVE, or MAP_CANNOT_GROW, and stays out of the rows that need it;
 * one that cannot grow is told the size also before it is filled. One that can look up many keys at once defines
 * MAP_HAS_GET_MANY and uint64_t map_get_many(struct map_adapter *, const uint64_t *keys, uint64_t count): the values, all
 * combined by xor. The others do it one by one. One that frees outgrown tables later, in another thread, defines
 * MAP_FREES_LATER and static void map_free_now(struct map_adapter *), which is called before it is weighed; ck_ht does the
 * same in map_leave(), and the others have nothing left to free.
 */
#include "bench.h"

#define MAP_INLINE static inline __attribute__((always_inline))
#define MIX_PERIOD 20

/** An operation on the i-th key; the result is kept alive. */
typedef uint64_t map_operation(struct map_adapter *map, const struct bench_run *run, uint64_t key, uint64_t i);

MAP_INLINE void map_each(const struct bench_run *run, const uint64_t *keys, map_operation *operation)
{
    struct map_adapter *map = (struct map_adapter *)run->subject;
    /* In registers: who has a barrier for the compiler, as liburcu's sections are, would read them anew for each key. */
    const uint64_t iterations = run->iterations, steps = run->keys->steps;
    uint64_t at = steps / run->threads * run->thread, sum = 0;
    map_enter();
    for (uint64_t i = 0; i < iterations; i++) {
        sum ^= operation(map, run, keys[at], i);
        at = at + 1 == steps ? 0 : at + 1;
        map_quiescent(i);
    }
    map_leave();
    bench_keep(sum);
}

MAP_INLINE uint64_t look_up(struct map_adapter *map, const struct bench_run *run, uint64_t key, uint64_t i)
{
    (void)run, (void)i;
    uint64_t value = 0;
    map_get(map, key, &value);
    return value;
}

MAP_INLINE uint64_t look_up_or_update(struct map_adapter *map, const struct bench_run *run, uint64_t key, uint64_t i,
                                      uint64_t period)
{
    if (i % period != period - 1)
        return look_up(map, run, key, i);
    map_update(map, key, i);
    return 0;
}

MAP_INLINE uint64_t update_5_percent(struct map_adapter *map, const struct bench_run *run, uint64_t key, uint64_t i)
{
    return look_up_or_update(map, run, key, i, 20);
}

MAP_INLINE uint64_t update_50_percent(struct map_adapter *map, const struct bench_run *run, uint64_t key, uint64_t i)
{
    return look_up_or_update(map, run, key, i, 2);
}

static void hit(const struct bench_run *run)
{
    map_each(run, run->keys->walk, look_up);
}

static void miss(const struct bench_run *run)
{
    map_each(run, run->keys->miss, look_up);
}

static void update5(const struct bench_run *run)
{
    map_each(run, run->keys->walk, update_5_percent);
}

static void update50(const struct bench_run *run)
{
    map_each(run, run->keys->walk, update_50_percent);
}

#define BATCH 32

#ifndef MAP_HAS_GET_MANY
MAP_INLINE uint64_t map_get_many(struct map_adapter *map, const uint64_t *keys, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t value = 0;
        map_get(map, keys[i], &value);
        sum ^= value;
    }
    return sum;
}
#endif

/* As many keys at a time as a burst of packets has. */
static void many(const struct bench_run *run)
{
    struct map_adapter *map = (struct map_adapter *)run->subject;
    uint64_t at = 0, sum = 0;
    map_enter();
    for (uint64_t i = 0; i < run->iterations; i += BATCH) {
        sum ^= map_get_many(map, &run->keys->walk[at], BATCH);
        at = at + 2 * BATCH > run->keys->steps ? 0 : at + BATCH;
        map_quiescent(i);
    }
    map_leave();
    bench_keep(sum);
}

/* Each value is the next key: a lookup cannot begin before the one before has ended. */
static void dependent(const struct bench_run *run)
{
    struct map_adapter *map = (struct map_adapter *)run->subject;
    uint64_t key = run->keys->walk[0];
    map_enter();
    for (uint64_t i = 0; i < run->iterations; i++) {
        if (!map_get(map, key, &key))
            abort();
        map_quiescent(i);
    }
    map_leave();
    bench_keep(key);
}

/* The index of the first key that a thread is to fill in. */
static inline uint64_t first_of(const struct bench_run *run)
{
    return run->keys->entries / run->threads * run->thread;
}

static void insert_range(struct map_adapter *map, const struct bench_keys *keys, uint64_t first, uint64_t count)
{
    map_enter();
    for (uint64_t i = 0; i < count; i++) {
        map_insert(map, keys->key[first + i], keys->next[first + i]);
        map_quiescent(i);
    }
    map_leave();
}

static void fill(const struct bench_run *run)
{
    insert_range((struct map_adapter *)run->subject, run->keys, first_of(run), run->iterations);
}

static struct map_adapter *open_for(uint64_t entries)
{
    struct map_adapter *map = (struct map_adapter *)calloc(1, sizeof(*map));
    if (!map)
        abort();
    map_open(map, entries);
    return map;
}

static void *open_empty(const struct bench_run *run)
{
#ifdef MAP_CANNOT_GROW
    return open_for(run->keys->entries);
#else
    (void)run;
    return open_for(0);
#endif
}

/* As in a program that fills its map once: no memory is left of the repetition before. */
static void *open_empty_fresh(const struct bench_run *run)
{
    bench_give_back();
    return open_empty(run);
}

static void *open_filled(const struct bench_run *run)
{
    struct map_adapter *map = open_for(run->keys->entries);
    insert_range(map, run->keys, 0, run->keys->entries);
    return map;
}

static void close_and_free(void *subject)
{
    map_close((struct map_adapter *)subject);
    free(subject);
}

/* Measured in the setup, which runs unpinned and untimed. */
static void *fill_and_weigh(const struct bench_run *run)
{
    uint64_t before = bench_resident_bytes();
    struct map_adapter *map = (struct map_adapter *)open_empty(run);
    insert_range(map, run->keys, 0, run->keys->entries);
#ifdef MAP_FREES_LATER
    map_free_now(map);
#endif
    uint64_t after = bench_resident_bytes();
    bench_metric(run, "bytes_per_entry", (double)(after - before) / (double)run->keys->entries);
    return map;
}

static void weighed(const struct bench_run *run)
{
    bench_keep_object(run->subject);
}

BENCH("map/hit/1k", MAP_NAME, hit, open_filled, close_and_free)
BENCH("map/miss/1k", MAP_NAME, miss, open_filled, close_and_free)
BENCH("map/hit/1k/4t", MAP_NAME, hit, open_filled, close_and_free)
BENCH("map/hit/1M", MAP_NAME, hit, open_filled, close_and_free)
BENCH("map/hit/1M/4t", MAP_NAME, hit, open_filled, close_and_free)
BENCH("map/many/1M", MAP_NAME, many, open_filled, close_and_free)
BENCH("map/dependent/1M", MAP_NAME, dependent, open_filled, close_and_free)
BENCH("map/miss/1M/4t", MAP_NAME, miss, open_filled, close_and_free)
BENCH("map/update5/1M/4t", MAP_NAME, update5, open_filled, close_and_free)
BENCH("map/update50/1M/4t", MAP_NAME, update50, open_filled, close_and_free)
BENCH("map/fill/1M", MAP_NAME, fill, open_empty, close_and_free)
BENCH("map/fill/1M/fresh", MAP_NAME, fill, open_empty_fresh, close_and_free)
BENCH("map/fill/1M/4t", MAP_NAME, fill, open_empty, close_and_free)
BENCH("map/bytes/1M", MAP_NAME, weighed, fill_and_weigh, close_and_free)
BENCH("map/hit/10M", MAP_NAME, hit, open_filled, close_and_free)
BENCH("map/miss/10M", MAP_NAME, miss, open_filled, close_and_free)
BENCH("map/fill/10M", MAP_NAME, fill, open_empty, close_and_free)

#ifndef MAP_CANNOT_GROW
/* A map of 1/GROWTH of the entries grows to all of them, while the other threads look up what is there. */
#define GROWTH 2000

static void *open_small(const struct bench_run *run)
{
    struct map_adapter *map = open_for(0);
    uint64_t entries = run->keys->entries / GROWTH + 1;
    insert_range(map, run->keys, 0, entries);
    bench_progress_set(run, entries);
    return map;
}

static void grow_by_inserting(const struct bench_run *run)
{
    struct map_adapter *map = (struct map_adapter *)run->subject;
    map_enter();
    for (uint64_t i = bench_progress(run); i < run->keys->entries; i++) {
        uint64_t began = bench_ticks();
        map_insert(map, run->keys->key[i], run->keys->next[i]);
        bench_record(run, BENCH_INSERT, bench_ticks() - began);
        bench_progress_set(run, i + 1);
        map_quiescent(i);
    }
    map_leave();
    bench_finish(run);
}

static void read_while_growing(const struct bench_run *run)
{
    struct map_adapter *map = (struct map_adapter *)run->subject;
    uint64_t random = run->thread;
    map_enter();
    for (uint64_t i = 0; bench_is_running(run); i++) {
        random = bench_mix(random + 1);
        uint64_t value = 0, key = run->keys->key[random % bench_progress(run)];
        uint64_t began = bench_ticks();
        bool found = map_get(map, key, &value);
        bench_record(run, BENCH_READ, bench_ticks() - began);
        if (!found)
            abort();
        map_quiescent(i);
    }
    map_leave();
}

static void grow(const struct bench_run *run)
{
    if (run->thread == 0)
        grow_by_inserting(run);
    else
        read_while_growing(run);
}

BENCH("map/grow/2M", MAP_NAME, grow, open_small, close_and_free)
#endif

#ifndef MAP_CANNOT_REMOVE
/* Of 20 operations 18 look up, one inserts a key that only this thread knows, one removes it again. */
MAP_INLINE uint64_t look_up_or_turn_over(struct map_adapter *map, const struct bench_run *run, uint64_t key, uint64_t i)
{
    uint64_t phase = i % MIX_PERIOD;
    if (phase == MIX_PERIOD / 2 - 1)
        map_insert(map, bench_fresh_key(run, i / MIX_PERIOD), i);
    else if (phase == MIX_PERIOD - 1)
        map_remove(map, bench_fresh_key(run, i / MIX_PERIOD));
    else
        return look_up(map, run, key, i);
    return 0;
}

static void turnover(const struct bench_run *run)
{
    map_each(run, run->keys->walk, look_up_or_turn_over);
}

/* One key at a time goes and comes back, as fast as it can. */
static uint64_t remove_and_insert(const struct bench_run *run)
{
    struct map_adapter *map = (struct map_adapter *)run->subject;
    const struct bench_keys *keys = run->keys;
    uint64_t i = 0;
    map_enter();
    for (; bench_is_running(run); i++) {
        map_remove(map, keys->key[i % keys->entries]);
        map_insert(map, keys->key[i % keys->entries], keys->next[i % keys->entries]);
        map_quiescent(i);
    }
    map_leave();
    return 2 * i;
}

BENCH("map/turnover/1M/4t", MAP_NAME, turnover, open_filled, close_and_free)
BENCH("map/churn/1k/3r1w", MAP_NAME, hit, open_filled, close_and_free, remove_and_insert)
#endif
