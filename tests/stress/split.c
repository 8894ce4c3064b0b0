/* SPDX-License-Identifier: MIT */
/*
 * A map's first shard is split into many beside all that changes it, or with GROWS_ASIDE a growing shard is copied to a
 * larger table, with FROZEN_VALUES one of values that are replaced: no new key is lost, and no change of a key that was copied already.
 *
 * That is forced: whoever copies tables asks the allocator before each of them for room to note what was copied, and is held
 * there until all keys have been changed once more, or somebody waits for the split.
 *
 * Twin: who changes keys that are there does not wait.
 */
#define _GNU_SOURCE /* RTLD_NEXT, in sleeper.h */
#include "stress.h"

#include <intermut/map.h>

#include "../sleeper.h"

#define IM_MAP_NAME counter_map
#define IM_MAP_KEY uint64_t
#ifdef FROZEN_VALUES
#define IM_MAP_VALUE uint64_t
#else
#define IM_MAP_ATOMIC_VALUE uint64_t
#endif
#include <intermut/map.h>

/* Enough that one shard is not. The first keys are put and removed, the next ones counted up, the others inserted. */
enum { KEYS = 40000, PUT_KEYS = 4, REMOVED_KEYS = 4, CHANGED_KEYS = PUT_KEYS + REMOVED_KEYS, COUNTED_KEYS = 4 };

/* All changes of one that begins now have ended when so many have; one is under way. */
enum { ONE_ROUND = CHANGED_KEYS + 1 };

static counter_map map;
static stress_counter changes, counts;
static stress_flag done;
/* Of frozen values it may be the one who copies. */
static __thread bool is_changing;

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    const uint64_t before = im_atomic_load(&changes);
    /* Tables and shards are aligned. */
    while (alignment == 1 && !is_changing && im_atomic_load(&changes) < before + ONE_ROUND && !somebody_sleeps() &&
           !im_atomic_load(&done))
        im_sync_yield();
    return im_allocate(NULL, bytes, alignment);
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context;
    im_release(NULL, memory, bytes);
}

static const struct im_allocator allocator = {allocate, release, NULL};

static void expect(uint64_t key, uint64_t expected)
{
    uint64_t value = 0;
    const int error = counter_map_get(&map, key, &value);
    if (error || value != expected)
        stress_violation("key %lu: error %d, %lu instead of %lu", (unsigned long)key, error, (unsigned long)value,
                         (unsigned long)expected);
}

/* The n-th round of a key: it is put, or removed and inserted. */
static void change(uint64_t key, uint64_t round)
{
    counter_map_maybe old = {.some = false};
    if (key < PUT_KEYS) {
        const int error = counter_map_put(&map, key, round, &old);
        if (error || !old.some || old.value != round - 1)
            stress_violation("put %lu: error %d, %lu instead of the one before %lu", (unsigned long)key, error,
                             (unsigned long)old.value, (unsigned long)round);
    } else if (counter_map_remove(&map, key, NULL) != 0 || counter_map_contains(&map, key) ||
               counter_map_insert(&map, key, round) != 0) {
        stress_violation("key %lu is not removed and inserted", (unsigned long)key);
    }
    expect(key, round);
}

static void *change_keys(void *rounds)
{
    uint64_t round = 0;
    sleeper_word = &map.raw.first.is_spread;
    is_changing = true;
    while (!im_atomic_load(&done)) {
        round++;
        for (uint64_t key = 0; key < CHANGED_KEYS; key++) {
            change(key, round);
            im_atomic_fetch_add(&changes, 1);
        }
    }
    *(uint64_t *)rounds = round;
    return NULL;
}

#ifdef FROZEN_VALUES
static enum im_map_action one_more(const uint64_t *old, uint64_t *value, void *counted)
{
    *(bool *)counted = old != NULL;
    *value = old ? *old + 1 : 0;
    return IM_MAP_STORE;
}

static bool count(uint64_t key)
{
    bool counted = false;
    return counter_map_compute(&map, key, one_more, &counted) == 0 && counted;
}
#else
static bool count(uint64_t key)
{
    im_map_with(counter_map, n, &map, key)
        return (im_atomic_fetch_add(n, 1), true);
    return false;
}
#endif

static void *count_up(void *argument)
{
    uint64_t random = 77;
    while (!im_atomic_load(&done)) {
        if (!count(CHANGED_KEYS + stress_random(&random) % COUNTED_KEYS))
            stress_violation("a key is missed");
        im_atomic_fetch_add(&counts, 1);
    }
    return argument;
}

#ifdef GROWS_ASIDE
enum { SHARDS = 1, GROWTHS = 6 };
#else
enum { SHARDS = 0, GROWTHS = 1 };
#endif

static void run_once(void)
{
    pthread_t changing, counting;
    uint64_t rounds = 0, counted = 0, sum;
    counter_map_init(&map, &(struct im_map_options){.allocator = &allocator, .shards = SHARDS});
    im_atomic_store(&done, false);
    im_atomic_store(&counts, 0);
    for (uint64_t key = 0; key < CHANGED_KEYS + COUNTED_KEYS; key++)
        (void)counter_map_insert(&map, key, 0);
    stress_start(&changing, change_keys, &rounds);
    stress_start(&counting, count_up, NULL);
    for (uint64_t key = CHANGED_KEYS + COUNTED_KEYS; key < KEYS; key++) {
        if (counter_map_insert(&map, key, key) != 0)
            stress_violation("insert %lu failed", (unsigned long)key);
    }
    (void)counter_map_synchronize(&map);
    const struct im_map_stats stats = counter_map_stats(&map);
    if (SHARDS ? stats.growths < GROWTHS : stats.shards == 1)
        stress_violation("%lu growths, %zu shards", (unsigned long)stats.growths, stats.shards);
    im_atomic_store(&done, true);
    pthread_join(changing, NULL);
    pthread_join(counting, NULL);
    for (uint64_t key = 0; key < CHANGED_KEYS; key++)
        expect(key, rounds);
    for (uint64_t key = CHANGED_KEYS; key < CHANGED_KEYS + COUNTED_KEYS; key++)
        counted += counter_map_get(&map, key, &sum) == 0 ? sum : 0;
    for (uint64_t key = CHANGED_KEYS + COUNTED_KEYS; key < KEYS; key++)
        expect(key, key);
    if (counted != im_atomic_load(&counts) || counter_map_len(&map) != KEYS)
        stress_violation("%lu counted instead of %lu, %zu keys", (unsigned long)counted,
                         (unsigned long)im_atomic_load(&counts), counter_map_len(&map));
    counter_map_destroy(&map);
}

int main(int argc, char **argv)
{
    for (uint64_t i = 0; stress_again(i, 4 * stress_scale(argc, argv)); i++)
        run_once();
    return stress_verdict();
}
