/* SPDX-License-Identifier: MIT */
/*
 * Row M6: increments are conserved when keys come and go: what remove and drain give back, what remove_if, compute and
 * retain saw when they decided to take it away, and what is left sum up to what was counted.
 *
 * Twins: a remove that reads the value before the last updater has let go of it; decisions about values that change.
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
            im_atomic_fetch_add(n, 4);
            STRESS_LINGER();
            for (int i = 0; i < 4; i++)
                im_atomic_fetch_add(n, 1);
            im_atomic_fetch_add(&counted, 8);
        }
    }
    return NULL;
}

/* What a callback decided about, and what it takes away: even values only. */
struct decision {
    uint64_t key, value;
    bool was_asked, takes;
};

static bool decide(struct decision *decision, const uint64_t *value)
{
    decision->value = *value;
    decision->was_asked = true;
    im_sync_yield(); /* time for who does not wait for the decision */
    return decision->takes = *value % 2 == 0;
}

static bool is_even(const uint64_t *value, void *decision)
{
    return decide(decision, value);
}

static enum im_map_action remove_even(const uint64_t *old, uint64_t *value, void *decision)
{
    (void)value;
    return old && decide(decision, old) ? IM_MAP_REMOVE : IM_MAP_KEEP;
}

static bool keep_all_but_even(uint64_t key, const uint64_t *value, void *argument)
{
    struct decision *decision = argument;
    return key != decision->key || !decide(decision, value);
}

static void take_all(uint64_t key, uint64_t value, void *decision)
{
    (void)key;
    ((struct decision *)decision)->value += value;
}

/* Of one key; and now and then of all. */
enum { WAYS = 4, DRAIN_EACH = 32 };

/* True when the key was there to be asked about. */
static bool take(uint64_t key, uint64_t how)
{
    struct decision decision = {.key = key};
    uint64_t old = 0;
    switch (how % DRAIN_EACH ? how % WAYS : WAYS) {
    case 0:
        decision.was_asked = decision.takes = counter_map_remove(&map, key, &decision.value) == 0;
        break;
    case 1:
        if (counter_map_remove_if(&map, key, is_even, &decision, &old) == 0 && decision.value != old)
            stress_violation("decided about %lu, removed %lu", (unsigned long)decision.value, (unsigned long)old);
        break;
    case 2:
        (void)counter_map_compute(&map, key, remove_even, &decision);
        break;
    case 3:
        (void)counter_map_retain(&map, keep_all_but_even, &decision);
        break;
    default:
        decision.was_asked = decision.takes = counter_map_drain(&map, take_all, &decision) == 0;
    }
    if (decision.takes)
        im_atomic_fetch_add(&taken, decision.value);
    return decision.was_asked;
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
        run_once(stress_operations(64, stress_scale(argc, argv)));
    counter_map_destroy(&map);
    return stress_verdict();
}
