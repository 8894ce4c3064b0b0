/* SPDX-License-Identifier: MIT */
/*
 * Row M6: no increment of an inline atomic value is lost, while the table grows from empty and keeps growing.
 *
 * Updaters count on 64 k keys; a grower adds keys of its own all the while. At the end the values sum up to the
 * increments. Row M9: with every flavour of read sections.
 *
 * Twin: a growth that lets changes go on before the copies are seen. Seed 001's hazard.
 */
#include "flavour.h"
#include "stress.h"

#include <intermut/map.h>

#define IM_MAP_NAME counter_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#define IM_MAP_RCU STRESS_RCU
#include <intermut/map.h>

/* Of a twin all are there soon: its window does not wait for who inserts one. */
enum { KEYS = 1 << (STRESS_PATIENCE > 1 ? 10 : 16) };
enum { UPDATERS = 4, LEAST_FILLERS = 2000, MAX_FILLERS = 4000000 };
static const uint64_t FILLER = UINT64_C(1) << 32;

struct run {
    counter_map map;
    uint64_t increments; /* of each updater, at least: it goes on until the table has grown */
    stress_counter counted;
    stress_flag has_grown, done;
};

static void *update(void *argument)
{
    const struct run *run = argument;
    uint64_t random = im_sync_thread_id() | 1;
    uint64_t i;
    STRESS_REGISTER();
    for (i = 0; i < run->increments || !im_atomic_load(&run->has_grown); i++) {
        im_map_with_or_insert(counter_map, n, &run->map, stress_random(&random) % KEYS, 0)
            im_atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
        else
            stress_violation("no memory");
        STRESS_QUIESCENT_STATE();
        STRESS_STEP();
    }
    im_atomic_fetch_add(&run->counted, i);
    STRESS_STEPPER_ENDS();
    STRESS_UNREGISTER();
    return NULL;
}

static void *grow(void *argument)
{
    const struct run *run = argument;
    STRESS_REGISTER();
    for (uint64_t i = 0; i < MAX_FILLERS && !im_atomic_load(&run->done); i++) {
        (void)counter_map_insert(&run->map, FILLER + i, 0);
        STRESS_QUIESCENT_STATE();
        if (i == LEAST_FILLERS) {
            (void)counter_map_synchronize(&run->map);
            im_atomic_store(&run->has_grown, true);
        }
    }
    STRESS_UNREGISTER();
    return NULL;
}

static int add(uint64_t key, const uint64_t *value, void *sum)
{
    (void)key;
    *(uint64_t *)sum += *value;
    return 0;
}

static void run_once(uint64_t increments)
{
    static struct run run;
    pthread_t updaters[UPDATERS], grower;
    run.increments = increments;
    im_atomic_store(&run.counted, 0);
    im_atomic_store(&run.has_grown, false);
    im_atomic_store(&run.done, false);
    for (int i = 0; i < UPDATERS; i++) {
        STRESS_STEPPER_BEGINS();
        stress_start(&updaters[i], update, &run);
    }
    stress_start(&grower, grow, &run);
    for (int i = 0; i < UPDATERS; i++)
        pthread_join(updaters[i], NULL);
    im_atomic_store(&run.done, true);
    pthread_join(grower, NULL);

    uint64_t sum = 0, counted = im_atomic_load(&run.counted);
    STRESS_REGISTER();
    counter_map_for_each(&run.map, add, &sum);
    struct im_map_stats stats = counter_map_stats(&run.map);
    printf("%lu of %lu increments, %lu growths, %zu keys\n", (unsigned long)sum, (unsigned long)counted,
           (unsigned long)stats.growths, stats.length);
    if (sum != counted)
        stress_violation("%lu increments lost", (unsigned long)(counted - sum));
    counter_map_destroy(&run.map);
    STRESS_UNREGISTER();
}

/* A second argument is the number of increments of each updater. */
int main(int argc, char **argv)
{
    uint64_t increments = stress_operations(argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000, 1);
    for (unsigned i = 0; stress_again(i, 3 * stress_scale(argc, argv)); i++)
        run_once(increments);
    return stress_verdict();
}
