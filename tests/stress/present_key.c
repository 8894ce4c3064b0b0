/* SPDX-License-Identifier: MIT */
/*
 * Row M1: a key that is present throughout is never missed, though it is replaced over and over and the table grows;
 * and once anybody has seen a value nobody sees an older one. With STRESS_ATOMIC_VALUES it is growth alone that moves keys.
 * Row M9: with every flavour of read sections.
 *
 * Twins: a search that does not look again when a key moved meanwhile; a replacement that takes the old slot away
 * first; and, of atomic values, a growth that shows its table before the keys are there.
 */
#include "flavour.h"
#include "stress.h"

#include <intermut/map.h>

#define IM_MAP_NAME number_map
#define IM_MAP_KEY uint64_t
#ifdef STRESS_ATOMIC_VALUES
#define IM_MAP_ATOMIC_VALUE uint64_t
#else
#define IM_MAP_VALUE uint64_t
#endif
#define IM_MAP_RCU STRESS_RCU
#include <intermut/map.h>

enum { READERS = 3, HOT_KEYS = 8, FILLERS = 3000, SYNCHRONIZE_EVERY = 64 };

static number_map map;
static stress_flag done;
static stress_counter seen_by_anybody[HOT_KEYS]; /* the latest value, for each key */

static void *read_hot_keys(void *argument)
{
    (void)argument;
    uint64_t value;
    STRESS_REGISTER();
    while (!im_atomic_load_explicit(&done, memory_order_relaxed)) {
        for (uint64_t key = 0; key < HOT_KEYS; key++) {
            uint64_t latest = im_atomic_load(&seen_by_anybody[key]);
            if (number_map_get(&map, key, &value) != 0)
                stress_violation("key %lu missed", (unsigned long)key);
            else if (value < latest)
                stress_violation("key %lu: %lu after %lu", (unsigned long)key, (unsigned long)value,
                                 (unsigned long)latest);
            else if (value > latest)
                im_atomic_fetch_max(&seen_by_anybody[key], value);
        }
        STRESS_QUIESCENT_STATE();
        STRESS_STEP();
    }
    STRESS_STEPPER_ENDS();
    STRESS_UNREGISTER();
    return NULL;
}

/* Replace the hot keys; now and then grow, or empty the table of all others. */
static void write_hot_keys(uint64_t rounds)
{
    uint64_t fillers = 0;
    for (uint64_t round = 1; stress_again(round, rounds); round++) {
        for (uint64_t key = 0; key < HOT_KEYS; key++) {
            if (number_map_put(&map, key, round, NULL) != 0)
                stress_violation("put failed");
        }
        if (number_map_insert(&map, HOT_KEYS + fillers, 0) != 0)
            stress_violation("insert failed");
        /* Free slots again within the table: only then a key may move to a group that comes before its old one. */
        if (round % SYNCHRONIZE_EVERY == 0)
            number_map_synchronize(&map);
        if (++fillers == FILLERS) {
            while (fillers > 0)
                (void)number_map_remove(&map, HOT_KEYS + --fillers, NULL);
        }
    }
}

/* A second argument is the number of rounds. */
int main(int argc, char **argv)
{
    const uint64_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : stress_operations(15000, 1);
    pthread_t readers[READERS];
    STRESS_REGISTER();
    for (uint64_t key = 0; key < HOT_KEYS; key++)
        (void)number_map_insert(&map, key, 0);
    for (int i = 0; i < READERS; i++) {
        STRESS_STEPPER_BEGINS();
        stress_start(&readers[i], read_hot_keys, NULL);
    }
    write_hot_keys(rounds * stress_scale(argc, argv));
    im_atomic_store(&done, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(readers[i], NULL);
    number_map_destroy(&map);
    STRESS_UNREGISTER();
    return stress_verdict();
}
