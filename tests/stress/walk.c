/* SPDX-License-Identifier: MIT */
/*
 * Row M3: a walk shows each key that stays exactly once, though it is replaced over and over, others come and go beside
 * it, and the table grows, shrinks and is split. Built with STRESS_ATOMIC_VALUES over values that change in place: their
 * keys stay where they are when they are replaced, but are copied from table to table of a row while walks are under way.
 * Row M9: with every flavour of read sections.
 *
 * Twins: a walk that does not see where keys moved to, one that does not see where they came from; and one that shows
 * what was copied to a newer table of the row once more.
 */
#include "flavour.h"
#include "stress.h"

#include <intermut/map.h>

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint64_t
#ifdef STRESS_ATOMIC_VALUES
#define IM_MAP_ATOMIC_VALUE uint64_t
enum { ROUNDS = 380 };
#else
#define IM_MAP_VALUE uint64_t
enum { ROUNDS = 340 };
#endif
#define IM_MAP_RCU STRESS_RCU
#include <intermut/map.h>

enum { WALKERS = 2, STAYING = 200, FILLERS_EACH = 32, FINISHED_EVERY = 64 };
/* After so many rounds all others are taken away; the shorter is enough to shrink, and has its turn with few rounds too. */
enum { SHORT_ROUNDS = 30, LONG_ROUNDS = 300 };

static number_map map;
static stress_flag done;
static unsigned shrinks;

static int count(uint64_t key, const uint64_t *value, void *argument)
{
    (void)value;
    if (key < STAYING)
        ((unsigned *)argument)[key]++;
    return 0;
}

static void *walk(void *argument)
{
    (void)argument;
    STRESS_REGISTER();
    while (!im_atomic_load_explicit(&done, memory_order_relaxed)) {
        unsigned seen[STAYING] = {0};
        number_map_for_each(&map, count, seen);
        for (uint64_t key = 0; key < STAYING; key++) {
            if (seen[key] != 1)
                stress_violation("key %lu was shown %u times", (unsigned long)key, seen[key]);
        }
        STRESS_QUIESCENT_STATE();
    }
    STRESS_UNREGISTER();
    return NULL;
}

/* Take the others away; the table is small then, when growth is finished of values that change in place. */
static void remove_fillers(uint64_t fillers)
{
    const size_t before = number_map_stats(&map).capacity;
    while (fillers > 0)
        (void)number_map_remove(&map, STAYING + --fillers, NULL);
    (void)number_map_synchronize(&map);
    shrinks += number_map_stats(&map).capacity < before;
}

/* Replace all that stay; now and then add others, or take all of those away. */
static void replace(uint64_t rounds)
{
    uint64_t fillers = 0, cycle = SHORT_ROUNDS, began = 0;
    for (uint64_t round = 1; stress_again(round, rounds); round++) {
        for (uint64_t key = 0; key < STAYING; key++) {
            if (number_map_put(&map, key, round, NULL) != 0)
                stress_violation("put failed");
        }
        for (int i = 0; i < FILLERS_EACH; i++)
            (void)number_map_insert(&map, STAYING + fillers++, 0);
        /* Otherwise growth of values that change in place is finished once, when all are there. */
        if (round % FINISHED_EVERY == 0)
            (void)number_map_synchronize(&map);
        if (round - began < cycle)
            continue;
        remove_fillers(fillers);
        fillers = 0;
        began = round;
        cycle = cycle == SHORT_ROUNDS ? LONG_ROUNDS : SHORT_ROUNDS;
    }
}

static void run_with_shards(unsigned shards, uint64_t rounds)
{
    pthread_t walkers[WALKERS];
    STRESS_REGISTER();
    number_map_init(&map, &(struct im_map_options){.shards = shards});
    im_atomic_store(&done, false);
    for (uint64_t key = 0; key < STAYING; key++)
        (void)number_map_insert(&map, key, 0);
    for (int i = 0; i < WALKERS; i++)
        stress_start(&walkers[i], walk, NULL);
    replace(rounds);
    im_atomic_store(&done, true);
    for (int i = 0; i < WALKERS; i++)
        pthread_join(walkers[i], NULL);
    printf("%zu shards, %lu growths, %u shrinks so far\n", number_map_stats(&map).shards,
           (unsigned long)number_map_stats(&map).growths, shrinks);
    number_map_destroy(&map);
    STRESS_UNREGISTER();
}

/*
 * One shard that must not be split grows and shrinks further: it is first, since the twin is found out there. A second
 * argument is the number of rounds.
 */
int main(int argc, char **argv)
{
    const uint64_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : stress_operations(ROUNDS, 1);
    for (unsigned shards = 2; shards-- > 0;)
        run_with_shards(shards, rounds * stress_scale(argc, argv));
    if (shrinks == 0)
        stress_violation("no walk was beside a table that shrinks");
    return stress_verdict();
}
