/* SPDX-License-Identifier: MIT */
/*
 * Row M6: a reader that holds the table across a growth sees every update that was completed before it looks.
 *
 * One updater counts rounds on a few hot keys among many others; a walker in for_each has one table for its whole
 * walk, and compares each hot value with the rounds that it knew to be complete before it looked.
 * Twin: a walk that does not look whether the table that it is in is still the one in which changes are made.
 */
#include "stress.h"

#include <intermut/map.h>

#define IM_MAP_NAME round_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

enum { HOT_KEYS = 16, HOT_EVERY = 64, FILLERS = 20000, FINISHED_FROM = 1 << 10, RUNS = 4 };

static round_map map;
static stress_counter rounds_complete;
static stress_flag done;

/* Hot keys lie among the others, so that a walk meets them all along. */
static bool is_hot(uint64_t key)
{
    return key % HOT_EVERY == 0 && key / HOT_EVERY < HOT_KEYS;
}

static void *update(void *argument)
{
    (void)argument;
    for (uint64_t round = 1; !im_atomic_load(&done); round++) {
        for (uint64_t hot = 0; hot < HOT_KEYS; hot++) {
            im_map_with(round_map, n, &map, hot * HOT_EVERY)
                im_atomic_fetch_add(n, 1);
        }
        im_atomic_store(&rounds_complete, round);
        STRESS_STEP();
    }
    STRESS_STEPPER_ENDS();
    return NULL;
}

static int look(uint64_t key, const uint64_t *value, void *argument)
{
    uint64_t *known_complete = argument;
    if (is_hot(key) && *value < *known_complete)
        stress_violation("key %lu has %lu after round %lu was complete", (unsigned long)key, (unsigned long)*value,
                         (unsigned long)*known_complete);
    if (key % 256 == 0)
        im_sync_yield();
    if (key == 0)
        STRESS_WINDOW(2); /* until a round was begun and completed, maybe in the next table */
    *known_complete = im_atomic_load(&rounds_complete);
    return 0;
}

static void *walk(void *argument)
{
    (void)argument;
    while (!im_atomic_load(&done)) {
        uint64_t known_complete = im_atomic_load(&rounds_complete);
        round_map_for_each(&map, look, &known_complete);
    }
    return NULL;
}

/* Until the map's own thread has finished it, in a map of one shard. */
static void await_growth(void)
{
    while (im_sync_load(&map.raw.first.newest, memory_order_relaxed) != 0)
        im_sync_yield();
}

static void run_once(unsigned shards)
{
    pthread_t threads[3];
    round_map_init(&map, &(struct im_map_options){.shards = shards});
    im_atomic_store(&done, false);
    im_atomic_store(&rounds_complete, 0);
    for (uint64_t hot = 0; hot < HOT_KEYS; hot++)
        (void)round_map_insert(&map, hot * HOT_EVERY, 0);
    STRESS_STEPPER_BEGINS();
    stress_start(&threads[0], update, NULL);
    stress_start(&threads[1], walk, NULL);
    stress_start(&threads[2], walk, NULL);
    for (uint64_t key = 0; key < FILLERS; key++) {
        if (!is_hot(key))
            (void)round_map_insert(&map, key, 0);
        /* Otherwise all are inserted before growth is finished once. */
        if (shards == 1 && key >= FINISHED_FROM && (key & (key - 1)) == 0)
            await_growth();
    }
    im_atomic_store(&done, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    round_map_destroy(&map);
}

int main(int argc, char **argv)
{
    const uint64_t runs = RUNS * stress_scale(argc, argv);
    for (uint64_t i = 0; stress_again(i, runs); i++)
        run_once(i % 2 == 0);
    return stress_verdict();
}
