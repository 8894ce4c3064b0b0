/* SPDX-License-Identifier: MIT */
/* The records of sections where memory is short: less is found then, and nothing that is not there. IM_CHECKED=1. */
#include "../scarce_memory.h"

#define malloc scarce_malloc
#define calloc scarce_calloc
#include "../../map/sections.c" // NOLINT(bugprone-suspicious-include)
#undef malloc
#undef calloc

#include <criterion/criterion.h>

#include <intermut/map.h>

#define IM_MAP_NAME int_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME hit_map
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

enum { KEYS = 20, ALLOCATIONS = 40 };

static int_map routes;
static hit_map hits;

/* Sums are wrong where a section shows what it did not find. */
static int look_into_routes(void)
{
    int_map_read_lock(&routes);
    const int *one = int_map_find(&routes, 1);
    int sum = *one;
    cr_assert(int_map_try_read_lock(&routes));
    const int *two = int_map_find(&routes, 2);
    cr_assert(int_map_try_read_lock(&routes));
    for (int key = 3; key < KEYS; key++)
        sum += *int_map_find(&routes, key);
    int_map_read_unlock(&routes);
    sum += *two;
    int_map_read_unlock(&routes);
    sum += *one - *int_map_find(&routes, 1);
    sum += *int_map_find(&routes, 2);
    int_map_read_unlock(&routes);
    return sum;
}

static void count_hits(void)
{
    hit_map_read_lock(&hits);
    const hit_map_value *one = hit_map_find(&hits, 1);
    im_atomic_fetch_add(one, 1);
    cr_assert(hit_map_try_read_lock(&hits));
    const hit_map_value *two = hit_map_find(&hits, 2);
    cr_assert(hit_map_try_read_lock(&hits));
    for (int key = 3; key < KEYS; key++)
        im_atomic_fetch_add(hit_map_find(&hits, key), 1);
    im_atomic_fetch_add(one, 1);
    hit_map_read_unlock(&hits);
    im_atomic_fetch_add(two, 1);
    hit_map_read_unlock(&hits);
    im_atomic_fetch_add(one, 1);
    hit_map_read_unlock(&hits);
}

static void *use_everything(void *unused)
{
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(look_into_routes(), KEYS * (KEYS - 1) / 2 + 2);
        count_hits();
    }
    return unused;
}

/* In a thread of its own, which has no records yet. */
static void use_everything_after(long allocations, unsigned long long which_fail)
{
    pthread_t thread;
    allocations_left = allocations;
    failures = which_fail;
    pthread_create(&thread, NULL, use_everything, NULL);
    pthread_join(thread, NULL);
    allocations_left = -1;
}

Test(checked_memory, whatever_is_missing_nothing_wrong_is_found)
{
    for (int key = 0; key < KEYS; key++) {
        cr_assert_eq(int_map_insert(&routes, key, key), 0);
        cr_assert_eq(hit_map_insert(&hits, key, 0), 0);
    }
    cr_assert_eq(hit_map_synchronize(&hits), 0); /* no table is copied any more: a section inside another one opens */
    uint64_t runs = 0, n = 0;
    for (long allocations = 0; allocations < ALLOCATIONS; allocations++) {
        for (unsigned which = 0; which < 16; which++, runs++)
            use_everything_after(allocations, 2 * which + 1);
        use_everything_after(allocations, UINT64_MAX);
        runs++;
    }
    cr_assert_eq(hit_map_get(&hits, 1, &n), 0);
    cr_assert_eq(n, 6 * runs);
    int_map_destroy(&routes);
    hit_map_destroy(&hits);
}
