/* SPDX-License-Identifier: MIT */
/* Two files that use one map: one has its functions, the other only declares them, and what either does is there. */
#include <criterion/criterion.h>

#include <pthread.h>

/* What the header declares first needs no help of it. */
#define IM_MAP_IMPLEMENT
#define TWO_FILES_BODIES
#include "two_files.h"

Test(two_files, they_find_what_the_other_inserted)
{
    static route_map map;
    enum { COUNT = 1000 };
    for (uint32_t network = 0; network < COUNT; network++)
        cr_assert_eq(route_map_put(&map, network, (route){network, 1}, NULL), 0);
    cr_assert_eq(other_file_routes(&map, 0, COUNT), 0);
    for (uint32_t network = 0; network < 2 * COUNT; network++) {
        im_map_with(route_map, r, &map, network)
            cr_assert_eq(r->gateway, network);
        else
            cr_assert_fail("%u is not there", network);
    }
    cr_assert_eq(route_map_remove(&map, 2 * COUNT - 1, NULL), 0);
    cr_assert_eq(route_map_len(&map), 2 * COUNT - 1);
    route_map_destroy(&map);
}

static void *count_from_elsewhere(void *map)
{
    return (void *)(uintptr_t)other_file_hits(map, im_slice_of("word"), 1000);
}

Test(two_files, they_count_in_the_same_value)
{
    static hit_map map;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, count_from_elsewhere, &map), 0);
    for (int i = 0; i < 1000; i++) {
        im_map_with_or_insert(hit_map, n, &map, im_slice_of("word"), 0)
            im_atomic_fetch_add(n, 1);
    }
    void *missing;
    pthread_join(thread, &missing);
    uint64_t hits = 0;
    cr_assert_null(missing);
    cr_assert_eq(hit_map_get(&map, im_slice_of("word"), &hits), 0);
    cr_assert_eq(hits, 2000);
    hit_map_destroy(&map);
}

Test(two_files, they_lock_the_same_lock)
{
    static bank map;
    cr_assert_eq(bank_insert(&map, 7, (account)IM_MUTEX_INIT(100)), 0);
    cr_assert_eq(other_file_pays(&map, 7, 20), 0);
    cr_assert_eq(other_file_pays(&map, 8, 20), 1);
    im_map_with(bank, shared, &map, 7) {
        im_mutex_with(balance, shared) cr_assert_eq(*balance, 120);
    }
    bank_destroy(&map);
}

Test(two_files, they_ask_with_the_context_of_the_map)
{
    const struct modulus thousand = {1000}, two_thousand = {2000};
    residue_map small, large;
    residue_map_init(&small, &(struct im_map_options){.context = &thousand});
    residue_map_init(&large, &(struct im_map_options){.context = &two_thousand});
    for (uint32_t number = 0; number < 1000; number++) {
        cr_assert_eq(residue_map_insert(&small, number, 1), 0);
        cr_assert_eq(residue_map_insert(&large, number, 1), 0);
    }
    cr_assert_eq(other_file_residues(&small, 1000, 1000), 0);
    cr_assert_eq(other_file_residues(&large, 2000, 1000), 0);
    cr_assert_not(residue_map_contains(&large, 1000));
    residue_map_destroy(&small);
    residue_map_destroy(&large);
}
