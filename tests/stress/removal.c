/* SPDX-License-Identifier: MIT */
/*
 * Row M6: increments are conserved when keys come and go: what remove gives back and what is left sum up to what was
 * counted.
 *
 * Twin: a remove that reads the value before the last updater has let go of it.
 */
#include "stress.h"

#include <intermut/map.h>

#define IM_MAP_NAME counter_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

enum { UPDATERS = 3, KEYS = 32 };

static counter_map map;
static stress_counter counted, taken;
static stress_flag done;

static void *update(void *argument)
{
    uint64_t random = (uintptr_t)argument;
    while (!im_atomic_load_explicit(&done, memory_order_relaxed)) {
        im_map_with_or_insert(counter_map, n, &map, stress_random(&random) % KEYS, 0) {
            for (int i = 0; i < 8; i++)
                im_atomic_fetch_add(n, 1);
            im_atomic_fetch_add(&counted, 8);
        }
    }
    return NULL;
}

static bool is_even(const uint64_t *value, void *argument)
{
    uint64_t *asked = argument;
    *asked = *value;
    return *value % 2 == 0;
}

/* True when the key was there to be asked about. */
static bool take(uint64_t key, uint64_t how)
{
    uint64_t old = 0, asked = 0;
    int error = how % 2 ? counter_map_remove(&map, key, &old) : counter_map_remove_if(&map, key, is_even, &asked, &old);
    if (error == 0 && how % 2 == 0 && asked != old)
        stress_violation("decided about %lu, removed %lu", (unsigned long)asked, (unsigned long)old);
    if (error == 0)
        im_atomic_fetch_add(&taken, old);
    return error != ENOENT;
}

static int add(uint64_t key, const uint64_t *value, void *argument)
{
    (void)key;
    *(uint64_t *)argument += *value;
    return 0;
}

static void run_once(uint64_t removals)
{
    pthread_t updaters[UPDATERS];
    uint64_t random = 99, left = 0;
    im_atomic_store(&done, false);
    for (uintptr_t i = 0; i < UPDATERS; i++)
        stress_start(&updaters[i], update, (void *)(i + 1));
    while (removals > 0)
        removals -= take(stress_random(&random) % KEYS, removals);
    im_atomic_store(&done, true);
    for (int i = 0; i < UPDATERS; i++)
        pthread_join(updaters[i], NULL);
    counter_map_for_each(&map, add, &left);
    if (im_atomic_load(&counted) != im_atomic_load(&taken) + left)
        stress_violation("%lu counted, %lu taken and %lu left", (unsigned long)im_atomic_load(&counted),
                         (unsigned long)im_atomic_load(&taken), (unsigned long)left);
}

int main(int argc, char **argv)
{
    for (uint64_t i = 0; stress_again(i, 4); i++)
        run_once(stress_operations(500, stress_scale(argc, argv)));
    counter_map_destroy(&map);
    return stress_verdict();
}
