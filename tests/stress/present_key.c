/* SPDX-License-Identifier: MIT */
/*
 * Row M1: a key that is present throughout is never missed, though it is replaced over and over and the table grows;
 * and once anybody has seen a value nobody sees an older one. Nor is a key missed that has just been inserted. Each is
 * looked up by itself, and with others. With STRESS_ATOMIC_VALUES it is growth alone that moves keys.
 * Row M9: with every flavour of read sections.
 *
 * Twins: a search that does not look again when a key moved meanwhile; one of many keys that does not, nor looks in newer
 * tables; a replacement that takes the old slot away
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
static stress_counter newest;                    /* a key that is there until there is one more of the ... */
static stress_counter removals;                  /* ... times that all others were removed */

static void check_hot_key(uint64_t key, number_map_maybe found, uint64_t latest)
{
    if (!found.some)
        stress_violation("key %lu missed", (unsigned long)key);
    else if (found.value < latest)
        stress_violation("key %lu: %lu after %lu", (unsigned long)key, (unsigned long)found.value,
                         (unsigned long)latest);
    else if (found.value > latest)
        im_atomic_fetch_max(&seen_by_anybody[key], found.value);
}

/* One that was not found, although it had been inserted, and nobody had begun to remove it by now. */
static void check_newest(uint64_t key, bool is_found, uint64_t removals_before)
{
    if (!is_found && im_atomic_load(&removals) == removals_before)
        stress_violation("new key %lu missed", (unsigned long)key);
}

static void look_one_by_one(void)
{
    for (uint64_t key = 0; key < HOT_KEYS; key++) {
        const uint64_t latest = im_atomic_load(&seen_by_anybody[key]);
        number_map_maybe found = {.value = 0};
        found.some = number_map_get(&map, key, &found.value) == 0;
        check_hot_key(key, found, latest);
    }
    const uint64_t before = im_atomic_load(&removals), key = im_atomic_load(&newest);
    uint64_t value;
    check_newest(key, number_map_get(&map, key, &value) == 0, before);
}

static void look_at_all_at_once(void)
{
    uint64_t keys[HOT_KEYS + 1], latest[HOT_KEYS];
    number_map_maybe found[HOT_KEYS + 1];
    for (uint64_t key = 0; key < HOT_KEYS; key++) {
        keys[key] = key;
        latest[key] = im_atomic_load(&seen_by_anybody[key]);
    }
    const uint64_t before = im_atomic_load(&removals);
    keys[HOT_KEYS] = im_atomic_load(&newest);
    (void)number_map_get_many(&map, keys, HOT_KEYS + 1, found);
    for (uint64_t key = 0; key < HOT_KEYS; key++)
        check_hot_key(key, found[key], latest[key]);
    check_newest(keys[HOT_KEYS], found[HOT_KEYS].some, before);
}

static void *read_hot_keys(void *argument)
{
    (void)argument;
    STRESS_REGISTER();
    for (uint64_t round = 0; !im_atomic_load_explicit(&done, memory_order_relaxed); round++) {
        if (round % 2 == 0)
            look_one_by_one();
        else
            look_at_all_at_once();
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
        im_atomic_store(&newest, HOT_KEYS + fillers);
        /* Free slots again within the table: only then a key may move to a group that comes before its old one. */
        if (round % SYNCHRONIZE_EVERY == 0)
            number_map_synchronize(&map);
        if (++fillers == FILLERS) {
            im_atomic_store(&newest, 0);
            im_atomic_fetch_add(&removals, 1);
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
