/* SPDX-License-Identifier: MIT */
/* A map of one shard whose lock is in demand is split; with ATOMIC_VALUES one whose values change in place. */
#define _GNU_SOURCE /* RTLD_NEXT, in sleeper.h */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/atomic.h>
#include <intermut/map.h>

#include "../sleeper.h"

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint32_t
#ifdef ATOMIC_VALUES
#define IM_MAP_ATOMIC_VALUE uint64_t
#else
#define IM_MAP_VALUE uint64_t
#endif
#include <intermut/map.h>

/* As CONTENDED_MAX in map/shards.c says; the key that is in nobody's way is not in the map. */
enum { MOST_WAITS = 256, KEYS = 10, NO_KEY = 1000 };

static number_map map;
static im_atomic(uint64_t) wanted_waits, waits;

/* Once for each time that it is wanted, it waits for the lock, and puts a value when it has it. */
static void *wait_for_the_lock(void *last)
{
    sleeper_word = &map.raw.first.lock.raw.word;
    for (uint64_t wait = 1; wait <= *(const uint64_t *)last; wait++) {
        while (im_atomic_load(&wanted_waits) < wait)
            im_sync_yield();
        if (number_map_put(&map, (uint32_t)wait % KEYS, wait, NULL) != 0)
            return NULL;
        im_atomic_store(&waits, wait);
    }
    return last;
}

/* In a callback, that is with the lock, until the other waits for it. */
static enum im_map_action keep_the_lock(const uint64_t *old, uint64_t *value, void *argument)
{
    (void)old, (void)value, (void)argument;
    im_atomic_fetch_add(&wanted_waits, 1);
    while (!somebody_sleeps())
        im_sync_yield();
    return IM_MAP_KEEP;
}

/* So often, one after the other; the number of shards after that. */
static size_t shards_after(unsigned shards, uint64_t wanted)
{
    pthread_t other;
    void *is_good = NULL;
    im_atomic_store(&wanted_waits, 0);
    im_atomic_store(&waits, 0);
    number_map_init(&map, &(struct im_map_options){.shards = shards});
    for (uint32_t key = 0; key < KEYS; key++)
        cr_assert_eq(number_map_insert(&map, key, 0), 0);
    cr_assert_eq(pthread_create(&other, NULL, wait_for_the_lock, &wanted), 0);
    for (uint64_t wait = 1; wait <= wanted; wait++) {
        cr_assert_eq(number_map_compute(&map, NO_KEY, keep_the_lock, NULL), 0);
        while (im_atomic_load(&waits) < wait)
            im_sync_yield();
    }
    pthread_join(other, &is_good);
    cr_assert(is_good);
    cr_assert_eq(number_map_synchronize(&map), 0); /* by when a split is finished */
    for (uint32_t key = 0; key < KEYS; key++) {
        uint64_t value;
        cr_assert_eq(number_map_get(&map, key, &value), 0);
        cr_assert_eq(value, wanted - (wanted - key) % KEYS, "key %u", key);
    }
    const size_t number = number_map_stats(&map).shards;
    cr_assert_eq(number == 1, !im_sync_load(&map.raw.shards, memory_order_relaxed), "an array of one is a split, too");
    number_map_destroy(&map);
    return number;
}

Test(contention, splits_a_map)
{
    cr_assert_eq(shards_after(0, MOST_WAITS), 1, "not yet");
    cr_assert_geq(shards_after(0, MOST_WAITS + 1), IM_MAP_SHARDS);
}

Test(contention, splits_no_map_that_was_to_have_one_shard)
{
    cr_assert_eq(shards_after(1, MOST_WAITS + 1), 1);
}
