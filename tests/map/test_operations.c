/* SPDX-License-Identifier: MIT */
/* Rows M1 to M3 in one thread: every operation, and a long random script against a reference. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <intermut/map.h>

#include "late_reader.h"

typedef struct {
    uint32_t gateway;
    uint16_t port;
} route;
IM_FREEZE(route);

#define IM_MAP_NAME route_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE route
#include <intermut/map.h>

#define IM_MAP_NAME string_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#include <intermut/map.h>

/* All keys in one chain, with one mark. */
#define IM_MAP_NAME zero_hash_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE uint32_t
#define IM_MAP_HASH(key, seed) ((void)(key), UINT64_C(0))
#include <intermut/map.h>

/* The last bits of a key are the number of the group where its search begins. */
#define IM_MAP_NAME placed_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE uint32_t
#define IM_MAP_HASH(key, seed) ((uint64_t)(key) * IM_MAP_GROUP_SLOTS)
#include <intermut/map.h>

typedef struct {
    uint32_t network;
    uint8_t bits;
} prefix;
IM_FREEZE(prefix);

#define IM_MAP_NAME prefix_map
#define IM_MAP_KEY prefix
#define IM_MAP_VALUE int
#define IM_MAP_HASH(key, seed) \
    (XXH3_64bits_withSeed(&(key).network, 4, seed) + (key).bits * UINT64_C(0x9e3779b97f4a7c15))
#define IM_MAP_EQ(a, b) ((a).network == (b).network && (a).bits == (b).bits)
#include <intermut/map.h>

static route via(uint32_t gateway)
{
    return (route){gateway, 80};
}

Test(map, a_zeroed_map_is_empty)
{
    static route_map map;
    route found;
    cr_assert_eq(route_map_len(&map), 0);
    cr_assert_eq(route_map_get(&map, 1, &found), ENOENT);
    cr_assert(!route_map_contains(&map, 1));
    cr_assert_eq(route_map_remove(&map, 1, NULL), ENOENT);
    cr_assert_eq(route_map_stats(&map).bytes, 0, "and owns no memory");
    route_map_destroy(&map);
}

Test(map, insert_adds_only_new_keys)
{
    static route_map map;
    route found;
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);
    cr_assert_eq(route_map_insert(&map, 1, via(11)), EEXIST);
    cr_assert_eq(route_map_get(&map, 1, &found), 0);
    cr_assert_eq(found.gateway, 10);
    cr_assert_eq(route_map_len(&map), 1);
    route_map_destroy(&map);
    cr_assert_eq(route_map_len(&map), 0);
}

Test(map, put_inserts_or_replaces_and_tells)
{
    static route_map map;
    route_map_maybe old = {.some = true};
    route found;
    cr_assert_eq(route_map_put(&map, 1, via(10), &old), 0);
    cr_assert(!old.some);
    cr_assert_eq(route_map_put(&map, 1, via(11), &old), 0);
    cr_assert(old.some);
    cr_assert_eq(old.value.gateway, 10);
    cr_assert_eq(route_map_put(&map, 1, via(12), NULL), 0);
    cr_assert_eq(route_map_get(&map, 1, &found), 0);
    cr_assert_eq(found.gateway, 12);
    cr_assert_eq(route_map_len(&map), 1);
    route_map_destroy(&map);
}

Test(map, replace_changes_only_what_is_there)
{
    static route_map map;
    route old = via(99);
    cr_assert_eq(route_map_replace(&map, 1, via(10), &old), ENOENT);
    cr_assert_eq(old.gateway, 99, "an out-parameter is left alone on failure");
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);
    cr_assert_eq(route_map_replace(&map, 1, via(11), &old), 0);
    cr_assert_eq(old.gateway, 10);
    cr_assert_eq(route_map_replace(&map, 1, via(12), NULL), 0);
    route_map_destroy(&map);
}

Test(map, remove_takes_the_value_out)
{
    static route_map map;
    route old = via(99);
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);
    cr_assert_eq(route_map_remove(&map, 1, &old), 0);
    cr_assert_eq(old.gateway, 10);
    cr_assert_eq(route_map_remove(&map, 1, &old), ENOENT);
    cr_assert_eq(route_map_len(&map), 0);
    cr_assert_eq(route_map_insert(&map, 1, via(11)), 0, "a removed key may come back");
    route_map_destroy(&map);
}

static bool has_gateway(const route *value, void *argument)
{
    return value->gateway == *(const uint32_t *)argument;
}

Test(map, remove_if_asks_first)
{
    static route_map map;
    uint32_t wanted = 11;
    route old = {0};
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);
    cr_assert_eq(route_map_remove_if(&map, 1, has_gateway, &wanted, &old), ECANCELED);
    cr_assert_eq(route_map_len(&map), 1);
    wanted = 10;
    cr_assert_eq(route_map_remove_if(&map, 1, has_gateway, &wanted, &old), 0);
    cr_assert_eq(old.gateway, 10);
    cr_assert_eq(route_map_remove_if(&map, 1, has_gateway, &wanted, NULL), ENOENT);
    route_map_destroy(&map);
}

static int made;

static int make_route(route *value, void *argument)
{
    made++;
    if (!argument)
        return EIO;
    *value = via(*(const uint32_t *)argument);
    return 0;
}

Test(map, get_or_insert_with_makes_at_most_once)
{
    static route_map map;
    uint32_t gateway = 10;
    route found = {0};
    made = 0;
    cr_assert_eq(route_map_get_or_insert_with(&map, 1, make_route, NULL, &found), EIO, "its error is handed on");
    cr_assert_eq(route_map_len(&map), 0);
    cr_assert_eq(route_map_get_or_insert_with(&map, 1, make_route, &gateway, &found), 0);
    cr_assert_eq(found.gateway, 10);
    gateway = 11;
    cr_assert_eq(route_map_get_or_insert_with(&map, 1, make_route, &gateway, &found), 0);
    cr_assert_eq(found.gateway, 10);
    cr_assert_eq(made, 2);
    route_map_destroy(&map);
}

static enum im_map_action next_state(const route *old, route *value, void *argument)
{
    (void)argument;
    if (!old) {
        *value = via(1);
        return IM_MAP_STORE;
    }
    if (old->gateway == 3)
        return IM_MAP_REMOVE;
    *value = via(old->gateway + 1);
    return IM_MAP_STORE;
}

static enum im_map_action keep(const route *old, route *value, void *argument)
{
    (void)old, (void)value;
    ++*(int *)argument;
    return IM_MAP_KEEP;
}

static enum im_map_action remove_always(const route *old, route *value, void *argument)
{
    (void)old, (void)value, (void)argument;
    return IM_MAP_REMOVE;
}

Test(map, compute_decides)
{
    static route_map map;
    route found;
    int asked = 0;
    cr_assert_eq(route_map_compute(&map, 1, keep, &asked), 0);
    cr_assert_eq(asked, 1);
    cr_assert_eq(route_map_compute(&map, 1, remove_always, NULL), 0, "removing what is not there is nothing");
    for (uint32_t state = 1; state <= 3; state++) {
        cr_assert_eq(route_map_compute(&map, 1, next_state, NULL), 0);
        cr_assert_eq(route_map_get(&map, 1, &found), 0);
        cr_assert_eq(found.gateway, state);
    }
    cr_assert_eq(route_map_compute(&map, 1, keep, &asked), 0);
    cr_assert_eq(route_map_len(&map), 1);
    cr_assert_eq(route_map_compute(&map, 1, next_state, NULL), 0);
    cr_assert_eq(route_map_len(&map), 0);
    route_map_destroy(&map);
}

Test(map, find_gives_a_pointer_for_the_section)
{
    static route_map map;
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);
    route_map_read_lock(&map);
    const route *found = route_map_find(&map, 1);
    cr_assert_eq(found->gateway, 10);
    cr_assert_null(route_map_find(&map, 2));
    route_map_read_unlock(&map);
    cr_assert(route_map_try_read_lock(&map));
    route_map_read_unlock(&map);
    route_map_destroy(&map);
}

static int return_from_block(const route_map *map, uint32_t key)
{
    im_map_with(route_map, found, map, key) {
        return (int)found->gateway;
    }
    return -1;
}

Test(map, blocks_leave_their_section_however_they_end)
{
    static route_map map;
    int ran = 0;
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);

    im_map_with(route_map, found, &map, 1)
        ran += (int)found->gateway;
    else
        cr_assert_fail("the key is there");
    cr_assert_eq(ran, 10);

    im_map_with(route_map, found, &map, 2)
        cr_assert_fail("found %u", found->gateway);
    else
        ran++;
    cr_assert_eq(ran, 11);

    im_map_with(route_map, found, &map, 1) {
        (void)found;
        break;
    }
    cr_assert_eq(return_from_block(&map, 1), 10);
    cr_assert_eq(return_from_block(&map, 2), -1);
    im_map_with_or_insert(route_map, found, &map, 6, (route){60, 80})
        cr_assert_eq(found->port, 80);
    else
        cr_assert_fail();
    for (;;) {
        im_map_with(route_map, found, &map, 1) {
            (void)found;
            goto out;
        }
    }
out:
    /* A change is refused inside a section: so none is open. */
    cr_assert_eq(route_map_insert(&map, 3, via(30)), 0);

    im_map_with_or_insert(route_map, found, &map, 4, via(40))
        ran = (int)found->gateway;
    else
        cr_assert_fail();
    cr_assert_eq(ran, 40);
    cr_assert_eq(route_map_insert(&map, 5, via(50)), 0);
    route_map_destroy(&map);
}

struct walk {
    uint32_t keys;
    size_t count;
    size_t stop_after;
};

static int walk_route(uint32_t key, const route *value, void *argument)
{
    struct walk *walk = argument;
    cr_assert_eq(value->gateway, key * 10);
    walk->keys += key;
    walk->count++;
    return walk->count == walk->stop_after ? 77 : 0;
}

Test(map, for_each_sees_every_key_once)
{
    static route_map map;
    struct walk walk = {0};
    cr_assert_eq(route_map_for_each(&map, walk_route, &walk), 0);
    for (uint32_t key = 1; key <= 1000; key++)
        cr_assert_eq(route_map_insert(&map, key, via(key * 10)), 0);
    cr_assert_eq(route_map_for_each(&map, walk_route, &walk), 0);
    cr_assert_eq(walk.count, 1000);
    cr_assert_eq(walk.keys, 1000 * 1001 / 2);

    walk = (struct walk){.stop_after = 3};
    cr_assert_eq(route_map_for_each(&map, walk_route, &walk), 77, "a visitor may stop it");
    cr_assert_eq(walk.count, 3);
    route_map_destroy(&map);
}

Test(map, reserve_makes_room_without_further_growth)
{
    static route_map map;
    cr_assert_eq(route_map_reserve(&map, 0), 0);
    cr_assert_eq(route_map_stats(&map).bytes, 0);
    cr_assert_eq(route_map_reserve(&map, 10000), 0);
    size_t bytes = route_map_stats(&map).bytes;
    cr_assert_geq(route_map_stats(&map).capacity, 10000);
    for (uint32_t key = 0; key < 10000; key++)
        cr_assert_eq(route_map_insert(&map, key, via(key)), 0);
    cr_assert_eq(route_map_stats(&map).growths, 0);
    cr_assert_eq(route_map_stats(&map).bytes, bytes);
    cr_assert_eq(route_map_reserve(&map, 1), 0, "room that is there already");
    cr_assert_eq(route_map_stats(&map).bytes, bytes);
    cr_assert_eq(route_map_reserve(&map, 20000), 0);
    cr_assert_gt(route_map_stats(&map).growths, 0);
    route found;
    for (uint32_t key = 0; key < 10000; key++)
        cr_assert_eq(route_map_get(&map, key, &found), 0);
    route_map_destroy(&map);
}

Test(map, reserve_never_shrinks)
{
    static route_map map;
    cr_assert_eq(route_map_reserve(&map, 1000), 0);
    size_t capacity = route_map_stats(&map).capacity;
    for (uint32_t key = 0; key < 900; key++) {
        cr_assert_eq(route_map_insert(&map, key, via(key)), 0);
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    }
    cr_assert_eq(route_map_reserve(&map, 900), 0);
    cr_assert_geq(route_map_stats(&map).capacity, capacity);
    route_map_destroy(&map);
}

Test(map, churn_does_not_grow_the_table)
{
    static route_map map;
    for (uint32_t key = 0; key < 100; key++)
        cr_assert_eq(route_map_insert(&map, key, via(key)), 0);
    for (uint32_t round = 0; round < 20000; round++) {
        cr_assert_eq(route_map_remove(&map, round, NULL), 0);
        cr_assert_eq(route_map_insert(&map, round + 100, via(round)), 0);
        cr_assert_eq(route_map_put(&map, round + 50, via(round), NULL), 0);
    }
    cr_assert_eq(route_map_len(&map), 100);
    cr_assert_leq(route_map_stats(&map).capacity, 2 * 112, "capacity %zu", route_map_stats(&map).capacity);
    route_map_destroy(&map);
}

Test(map, synchronize_ends_what_removals_left)
{
    static route_map map;
    cr_assert_eq(route_map_insert(&map, 1, via(10)), 0);
    cr_assert_eq(route_map_remove(&map, 1, NULL), 0);
    cr_assert_eq(route_map_stats(&map).retired, 1);
    cr_assert_eq(route_map_synchronize(&map), 0);
    cr_assert_eq(route_map_stats(&map).retired, 0);
    route_map_destroy(&map);
}

static void fill_routes(const route_map *map, uint32_t from, uint32_t to)
{
    for (uint32_t key = from; key < to; key++)
        cr_assert_eq(route_map_insert(map, key, via(key)), 0);
}

static void check_routes(const route_map *map, uint32_t from, uint32_t to)
{
    route found;
    for (uint32_t key = from; key < to; key++) {
        cr_assert_eq(route_map_get(map, key, &found), 0, "key %u", key);
        cr_assert_eq(found.gateway, key);
    }
}

Test(map, cursors_show_every_key_once)
{
    static route_map map;
    uint64_t keys = 0;
    size_t count = 0;
    fill_routes(&map, 0, 20000);
    route_map_cursor cursor = route_map_cursor_open(&map);
    while (route_map_cursor_next(&cursor)) {
        cr_assert_eq(cursor.value.gateway, cursor.key);
        keys += cursor.key;
        count++;
    }
    cr_assert(!route_map_cursor_next(&cursor), "it stays at its end");
    route_map_cursor_close(&cursor);
    cr_assert_eq(count, 20000);
    cr_assert_eq(keys, UINT64_C(19999) * 20000 / 2);

    cursor = route_map_cursor_open(&map);
    cr_assert(route_map_cursor_next(&cursor));
    cr_assert_eq(route_map_insert(&map, 20000, via(1)), EDEADLK, "a cursor is a read section");
    route_map_cursor_close(&cursor);
    route_map_cursor_close(&cursor);
    cr_assert_eq(route_map_insert(&map, 20000, via(1)), 0);
    cursor = route_map_cursor_open(NULL);
    cr_assert(!route_map_cursor_next(&cursor));
    route_map_cursor_close(&cursor);
    route_map_destroy(&map);
}

static bool keep_multiples(uint32_t key, const route *value, void *argument)
{
    cr_assert_eq(value->gateway, key);
    return key % *(const uint32_t *)argument == 0;
}

Test(map, retain_removes_the_others)
{
    static route_map map;
    uint32_t three = 3;
    fill_routes(&map, 0, 30000);
    cr_assert_eq(route_map_retain(&map, keep_multiples, &three), 0);
    cr_assert_eq(route_map_len(&map), 10000);
    route found;
    for (uint32_t key = 0; key < 30000; key++)
        cr_assert_eq(route_map_get(&map, key, &found), key % 3 ? ENOENT : 0);
    uint32_t most = 3000;
    size_t large = route_map_stats(&map).bytes;
    cr_assert_eq(route_map_retain(&map, keep_multiples, &most), 0);
    cr_assert_lt(route_map_stats(&map).bytes, large / 2, "what is left needs less");
    route_map_destroy(&map);
}

Test(map, clear_removes_everything)
{
    static route_map map;
    cr_assert_eq(route_map_clear(&map), 0);
    fill_routes(&map, 0, 20000);
    cr_assert_eq(route_map_clear(&map), 0);
    cr_assert_eq(route_map_len(&map), 0);
    cr_assert(!route_map_contains(&map, 1));
    fill_routes(&map, 0, 100);
    check_routes(&map, 0, 100);
    cr_assert_eq(route_map_synchronize(&map), 0);
    cr_assert_eq(route_map_stats(&map).left_behind_bytes, 0);
    route_map_destroy(&map);
}

static void sum_routes(uint32_t key, route value, void *argument)
{
    cr_assert_eq(value.gateway, key);
    *(uint64_t *)argument += key;
}

Test(map, drain_hands_everything_out)
{
    static route_map map;
    uint64_t sum = 0;
    cr_assert_eq(route_map_drain(&map, sum_routes, &sum), 0);
    fill_routes(&map, 0, 20000);
    cr_assert_eq(route_map_drain(&map, sum_routes, &sum), 0);
    cr_assert_eq(sum, UINT64_C(19999) * 20000 / 2);
    cr_assert_eq(route_map_len(&map), 0);
    fill_routes(&map, 0, 100);
    route_map_destroy(&map);
}

Test(map, get_many_is_get_many_times)
{
    static route_map map;
    enum { KEYS = 1000 };
    static uint32_t keys[KEYS];
    static route_map_maybe found[KEYS];
    cr_assert_eq(route_map_get_many(&map, keys, KEYS, found), 0, "nothing is in an empty map");
    fill_routes(&map, 0, 20000);
    for (uint32_t i = 0; i < KEYS; i++)
        keys[i] = i % 3 ? i * 20 : 1000000 + i;
    for (size_t count = 0; count <= KEYS; count += count < 40 ? 1 : 480) {
        size_t hits = 0;
        cr_assert_eq(route_map_get_many(&map, keys, count, found), count - (count + 2) / 3);
        for (size_t i = 0; i < count; i++) {
            cr_assert_eq(found[i].some, i % 3 != 0);
            cr_assert(!found[i].some || found[i].value.gateway == keys[i]);
            hits += found[i].some;
        }
        cr_assert_eq(hits, count - (count + 2) / 3);
    }
    cr_assert_eq(route_map_get_many(NULL, keys, KEYS, found), 0);
    cr_assert(!found[1].some);
    route_map_destroy(&map);
}

Test(map, tables_shrink_by_themselves)
{
    static route_map map;
    fill_routes(&map, 0, 100000);
    size_t large = route_map_stats(&map).bytes;
    for (uint32_t key = 100; key < 100000; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    cr_assert_lt(route_map_stats(&map).bytes, large / 8);
    check_routes(&map, 0, 100);
    fill_routes(&map, 100, 50000);
    check_routes(&map, 0, 50000);
    route_map_destroy(&map);
}

/* A split map keeps its shards, and a table of up to 128 slots for each. */
Test(map, what_shrinks_by_itself_has_a_floor)
{
    route_map map;
    route_map_init(&map, &(struct im_map_options){.shards = 128});
    fill_routes(&map, 0, 10000);
    const size_t large = route_map_stats(&map).capacity, shards = route_map_stats(&map).shards;
    for (uint32_t key = 10; key < 10000; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    cr_assert_eq(shards, 128);
    cr_assert_eq(route_map_stats(&map).shards, shards);
    const size_t floor = route_map_stats(&map).capacity;
    cr_assert_leq(floor, large);
    /* A few shards may have had more. */
    cr_assert_geq(floor, shards * (128 / 8 * 7) / 10 * 9, "capacity %zu", floor);
    cr_assert_leq(floor, shards * (128 / 8 * 7), "capacity %zu", floor);
    cr_assert_eq(route_map_shrink_to_fit(&map), 0);
    cr_assert_eq(route_map_stats(&map).shards, shards);
    cr_assert_leq(route_map_stats(&map).capacity, 10 * (16 / 8 * 7), "capacity %zu", route_map_stats(&map).capacity);
    check_routes(&map, 0, 10);
    route_map_destroy(&map);

    route_map_init(&map, &(struct im_map_options){.shards = 1});
    /* Tables that are copied at once: from 2,048 slots to 512, and to 128. */
    fill_routes(&map, 0, 1500);
    for (uint32_t key = 10; key < 1500; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    cr_assert_eq(route_map_stats(&map).capacity, 128 / 8 * 7, "capacity %zu", route_map_stats(&map).capacity);
    cr_assert_eq(route_map_shrink_to_fit(&map), 0);
    cr_assert_eq(route_map_stats(&map).capacity, 16 / 8 * 7);
    check_routes(&map, 0, 10);
    route_map_destroy(&map);
}

Test(map, what_is_reserved_does_not_shrink_by_itself)
{
    static route_map map;
    cr_assert_eq(route_map_reserve(&map, 100000), 0);
    size_t reserved = route_map_stats(&map).bytes;
    fill_routes(&map, 0, 10);
    cr_assert_eq(route_map_remove(&map, 0, NULL), 0);
    cr_assert_eq(route_map_stats(&map).bytes, reserved);
    cr_assert_eq(route_map_shrink_to_fit(&map), 0);
    cr_assert_lt(route_map_stats(&map).bytes, reserved / 100);
    check_routes(&map, 1, 10);
    for (uint32_t key = 1; key < 10; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    cr_assert_eq(route_map_shrink_to_fit(&map), 0);
    cr_assert_eq(route_map_stats(&map).bytes, 0);
    cr_assert_eq(route_map_clear(&map), 0);
    cr_assert_eq(route_map_shrink_to_fit(&map), 0);
    cr_assert_eq(route_map_stats(&map).bytes, 0);
    fill_routes(&map, 0, 10);
    check_routes(&map, 0, 10);
    route_map_destroy(&map);
}

Test(map, what_was_given_back_shrinks_by_itself_again)
{
    static route_map map;
    cr_assert_eq(route_map_reserve(&map, 100000), 0);
    cr_assert_eq(route_map_shrink_to_fit(&map), 0);
    fill_routes(&map, 0, 100000);
    size_t large = route_map_stats(&map).bytes;
    for (uint32_t key = 100; key < 100000; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    cr_assert_lt(route_map_stats(&map).bytes, large / 8);
    route_map_destroy(&map);
}

/* ---- Shards ---- */

Test(map, a_large_map_has_many_shards_and_a_small_one_has_one)
{
    static route_map map;
    cr_assert_eq(route_map_stats(&map).shards, 1);
    fill_routes(&map, 0, 5000);
    cr_assert_eq(route_map_stats(&map).shards, 1);
    fill_routes(&map, 5000, 50000);
    cr_assert_geq(route_map_stats(&map).shards, IM_MAP_SHARDS);
    check_routes(&map, 0, 50000);
    route_map_destroy(&map);
    cr_assert_eq(route_map_stats(&map).shards, 1);
}

Test(map, shards_by_option)
{
    const struct {
        unsigned wanted;
        size_t shards;
    } cases[] = {{1, 1}, {2, 2}, {3, 4}, {64, 64}, {5000, 4096}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        route_map map;
        route_map_init(&map, &(struct im_map_options){.shards = cases[i].wanted});
        fill_routes(&map, 0, 30000);
        check_routes(&map, 0, 30000);
        cr_assert_eq(route_map_len(&map), 30000);
        cr_assert_eq(route_map_stats(&map).shards, cases[i].shards);
        for (uint32_t key = 0; key < 30000; key++)
            cr_assert_eq(route_map_remove(&map, key, NULL), 0);
        cr_assert_eq(route_map_len(&map), 0);
        route_map_destroy(&map);
    }
}

Test(map, one_shard_whatever_is_reserved)
{
    route_map map;
    route_map_init(&map, &(struct im_map_options){.shards = 1});
    cr_assert_eq(route_map_reserve(&map, 100000), 0);
    cr_assert_eq(route_map_stats(&map).shards, 1);
    cr_assert_geq(route_map_stats(&map).capacity, 100000);
    route_map_destroy(&map);
}

Test(map, a_synchronous_map_leaves_nothing_behind)
{
    route_map map;
    route_map_init(&map, &(struct im_map_options){.synchronous = true});
    for (uint32_t key = 0; key < 2000; key++) {
        cr_assert_eq(route_map_insert(&map, key, via(key)), 0);
        cr_assert_eq(route_map_stats(&map).left_behind_bytes, 0);
        cr_assert_eq(route_map_put(&map, key, via(key + 1), NULL), 0);
        cr_assert_eq(route_map_stats(&map).retired, 0);
    }
    route_map_destroy(&map);
}

/* Row M14: whoever waits for readers, there is an end to what waits for it. */
Test(map, what_is_left_behind_is_bounded)
{
    static route_map map;
    fill_routes(&map, 0, 200000);
    struct im_map_stats stats;
    do { /* changes see to it */
        cr_assert_eq(route_map_put(&map, 0, via(0), NULL), 0);
        stats = route_map_stats(&map);
    } while (stats.left_behind_bytes > 65536 && stats.left_behind_bytes > stats.bytes / 64);
    route_map_destroy(&map);
}

static uint32_t reader_is_in;

static void *stay_inside(void *argument)
{
    const route_map *map = argument;
    route_map_read_lock(map);
    im_sync_store(&reader_is_in, 1, memory_order_release);
    stay_until_told();
    route_map_read_unlock(map);
    return NULL;
}

/* Row M14: a reader that does not leave its section keeps nobody from changing frozen values, up to a bound. */
Test(map, changes_of_frozen_values_do_not_wait_for_readers)
{
    static route_map map;
    pthread_t reader;
    fill_routes(&map, 0, 10);
    cr_assert_eq(pthread_create(&reader, NULL, stay_inside, &map), 0);
    while (!im_sync_load(&reader_is_in, memory_order_acquire))
        im_sync_yield();
    fill_routes(&map, 10, 20000);
    for (uint32_t key = 0; key < 1000; key++)
        cr_assert_eq(route_map_put(&map, key, via(key), NULL), 0);
    check_routes(&map, 0, 20000);
    cr_assert_gt(route_map_stats(&map).left_behind_bytes, 0);
    tell_to_leave();
    cr_assert_eq(route_map_synchronize(&map), 0);
    cr_assert_eq(route_map_stats(&map).left_behind_bytes, 0);
    pthread_join(reader, NULL);
    route_map_destroy(&map);
}

/* Row M14, in a table that is too large to be copied: half of its log is used while the map's thread waits for the reader. */
Test(map, removals_do_not_wait_for_readers)
{
    static route_map map;
    pthread_t reader;
    uint32_t removed = 0;
    route_map_init(&map, &(struct im_map_options){.shards = 1});
    fill_routes(&map, 0, 20000);
    cr_assert_eq(route_map_synchronize(&map), 0);
    cr_assert_eq(pthread_create(&reader, NULL, stay_inside, &map), 0);
    while (!im_sync_load(&reader_is_in, memory_order_acquire))
        im_sync_yield();
    for (; removed < 1500; removed++)
        cr_assert_eq(route_map_remove(&map, removed, NULL), 0);
    cr_assert_eq(route_map_stats(&map).retired, 1500);
    tell_to_leave();
    pthread_join(reader, NULL);
    /* Until the round that was asked for has ended, and with it the helper. */
    while (im_sync_load(&map.raw.helper, memory_order_acquire) << 10)
        im_sync_yield();
    cr_assert_eq(route_map_remove(&map, removed++, NULL), 0);
    cr_assert_lt(route_map_stats(&map).retired, 1024);
    check_routes(&map, removed, 20000);
    cr_assert_eq(route_map_len(&map), 20000 - removed);
    route_map_destroy(&map);
}

/* But not without a bound. */
Test(map, removals_wait_when_the_log_is_full)
{
    static route_map map;
    pthread_t reader, other;
    route_map_init(&map, &(struct im_map_options){.shards = 1});
    fill_routes(&map, 0, 20000);
    cr_assert_eq(pthread_create(&reader, NULL, stay_inside, &map), 0);
    while (!im_sync_load(&reader_is_in, memory_order_acquire))
        im_sync_yield();
    cr_assert_eq(pthread_create(&other, NULL, let_reader_leave, NULL), 0);
    for (uint32_t key = 0; key < 5000; key++) {
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
        cr_assert_leq(route_map_stats(&map).retired, 2048);
    }
    cr_assert(im_sync_load(&reader_may_leave, memory_order_acquire));
    pthread_join(reader, NULL);
    pthread_join(other, NULL);
    check_routes(&map, 5000, 20000);
    route_map_destroy(&map);
}

/* In the child of a fork() nobody ends the round that was asked for: the log becomes full, and that is all. */
Test(map, removals_in_the_child_of_a_fork)
{
    static route_map map;
    route_map_init(&map, &(struct im_map_options){.shards = 1});
    fill_routes(&map, 0, 20000);
    for (uint32_t key = 0; key < 1500; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    map.raw.helper = (map.raw.helper & ~((1u << 22) - 1)) | ((uint32_t)getpid() + 1);
    for (uint32_t key = 1500; key < 15000; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    check_routes(&map, 15000, 20000);
    route_map_destroy(&map);
}

/* The map goes away while its helper waits. */
Test(map, destroy_waits_for_the_helper)
{
    for (int round = 0; round < 20; round++) {
        route_map map;
        route_map_init(&map, NULL);
        fill_routes(&map, 0, 30000);
        route_map_destroy(&map);
    }
}

/* As after a fork() at a bad moment: the helper runs in another process, and nobody will say that it is done. */
Test(map, a_helper_that_a_fork_left_behind_is_not_waited_for)
{
    static route_map map;
    fill_routes(&map, 0, 100);
    map.raw.helper = (uint32_t)getpid() + 1;
    fill_routes(&map, 100, 30000);
    check_routes(&map, 0, 30000);
    route_map_destroy(&map);
    fill_routes(&map, 0, 100);
    map.raw.helper = (uint32_t)getpid() + 1;
    route_map_destroy(&map);
}

/* ---- Stats ---- */

Test(map, stats_count_what_there_is)
{
    static route_map map;
    fill_routes(&map, 0, 1000);
    struct im_map_stats stats = route_map_stats(&map);
    cr_assert_eq(stats.length, 1000);
    cr_assert_geq(stats.capacity, 1000);
    cr_assert_geq(stats.bytes, stats.capacity * (sizeof(route) + 4 + 1));
    cr_assert_eq(stats.retired + stats.deleted, 0);
    cr_assert(stats.growths > 0 && stats.longest_pause_ns > 0);
    cr_assert_eq(stats.waiting_ns, 0);
    for (uint32_t key = 0; key < 100; key++)
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
    cr_assert_eq(route_map_stats(&map).retired, 100);
    cr_assert_eq(route_map_synchronize(&map), 0);
    cr_assert_eq(route_map_stats(&map).retired, 0);
    cr_assert_gt(route_map_stats(&map).longest_grace_ns, 0);

    struct im_map_probe_stats probes = route_map_probe_stats(&map);
    cr_assert_eq(probes.keys, 900);
    cr_assert_geq(probes.groups, 900);
    cr_assert_leq(probes.groups, 1000, "%zu groups", probes.groups);
    cr_assert_leq(probes.longest, 4);
    cr_assert_eq(route_map_probe_stats(NULL).keys, 0);
    route_map_destroy(&map);
}

Test(map, tombstones_are_counted_and_filled_again)
{
    static zero_hash_map map;
    for (uint32_t key = 0; key < 100; key++)
        cr_assert_eq(zero_hash_map_insert(&map, key, key), 0);
    for (uint32_t key = 0; key < 10; key++)
        cr_assert_eq(zero_hash_map_remove(&map, key, NULL), 0);
    cr_assert_eq(zero_hash_map_synchronize(&map), 0);
    cr_assert_eq(zero_hash_map_stats(&map).deleted, 10);
    cr_assert_eq(zero_hash_map_insert(&map, 1000, 0), 0);
    cr_assert_eq(zero_hash_map_stats(&map).deleted, 9);
    cr_assert_eq(zero_hash_map_probe_stats(&map).longest, 7);
    zero_hash_map_destroy(&map);
}

/*
 * Seven of eight groups are filled, and so the table is; then keys are removed, all but `staying`, which leaves tombstones,
 * since their groups were full. What there is before the next key comes, which goes to the group that is left.
 */
static struct im_map_stats fill_with_tombstones(placed_map *map, uint32_t staying)
{
    enum { GROUPS = 8, FULL = GROUPS * IM_MAP_GROUP_SLOTS / 8 * 7 };
    placed_map_init(map, &(struct im_map_options){.shards = 1, .synchronous = true});
    cr_assert_eq(placed_map_reserve(map, FULL), 0);
    for (uint32_t i = 0; i < FULL; i++)
        cr_assert_eq(placed_map_insert(map, i / 7 * GROUPS + i % 7, i), 0);
    for (uint32_t i = staying; i < FULL; i++)
        cr_assert_eq(placed_map_remove(map, i / 7 * GROUPS + i % 7, NULL), 0);
    const struct im_map_stats stats = placed_map_stats(map);
    cr_assert_eq(stats.capacity, FULL);
    cr_assert_eq(stats.deleted, FULL - staying, "all are tombstones, not %zu", stats.deleted);
    cr_assert_eq(placed_map_insert(map, GROUPS - 1, 0), 0);
    for (uint32_t i = 0; i < staying; i++)
        cr_assert(placed_map_contains(map, i / 7 * GROUPS + i % 7));
    return stats;
}

Test(map, a_table_of_tombstones_is_rebuilt_as_large_as_it_was)
{
    static placed_map map;
    const struct im_map_stats before = fill_with_tombstones(&map, 55), after = placed_map_stats(&map);
    cr_assert_eq(after.growths, before.growths + 1);
    cr_assert_eq(after.deleted, 0);
    cr_assert_eq(after.capacity, before.capacity);
    cr_assert_eq(after.bytes, before.bytes);
    placed_map_destroy(&map);
}

Test(map, a_table_of_keys_and_tombstones_grows)
{
    static placed_map map;
    const struct im_map_stats before = fill_with_tombstones(&map, 56), after = placed_map_stats(&map);
    cr_assert_eq(after.growths, before.growths + 1);
    cr_assert_eq(after.deleted, 0);
    cr_assert_eq(after.capacity, 2 * before.capacity);
    placed_map_destroy(&map);
}

Test(map, string_keys_are_copied_and_found_by_slice)
{
    static string_map map;
    char text[] = "hello world, and a key that is longer than sixteen bytes";
    const struct im_slice keys[] = {
        {text, 0}, {NULL, 0}, {text, 5}, {text + 6, 5}, {text, 16}, {text, 17}, {text, sizeof text - 1}, {"a\0b", 3},
    };
    for (int i = 0; i < 8; i++)
        cr_assert_eq(string_map_insert(&map, keys[i], i), i == 1 ? EEXIST : 0, "NULL and \"\" are one empty key");
    memset(text, 'x', sizeof text - 1);
    int value;
    cr_assert_eq(string_map_get(&map, im_slice_of("hello"), &value), 0);
    cr_assert_eq(value, 2);
    cr_assert_eq(string_map_get(&map, im_slice_of("hello world, and a key that is longer than sixteen bytes"), &value),
                 0);
    cr_assert_eq(value, 6);
    cr_assert_eq(string_map_get(&map, (struct im_slice){"a\0b", 3}, &value), 0);
    cr_assert_eq(value, 7);
    cr_assert(!string_map_contains(&map, (struct im_slice){"a\0c", 3}));
    cr_assert(string_map_contains(&map, (struct im_slice){NULL, 0}));
    cr_assert(!string_map_contains(&map, im_slice_of("xxxxx")));
    string_map_destroy(&map);
}

Test(map, slices_are_equal_only_in_every_byte)
{
    char one[64], two[64];
    memset(one, 'x', sizeof one);
    for (size_t length = 0; length <= 40; length++) {
        memcpy(two, one, sizeof two);
        cr_assert(im_slice_equal((struct im_slice){one, length}, (struct im_slice){two, length}));
        cr_assert(!im_slice_equal((struct im_slice){one, length}, (struct im_slice){two, length + 1}));
        for (size_t at = 0; at < length; at++) {
            two[at] = 'y';
            cr_assert(!im_slice_equal((struct im_slice){one, length}, (struct im_slice){two, length}),
                      "byte %zu of %zu", at, length);
            two[at] = 'x';
        }
    }
}

Test(map, struct_keys_with_hash_and_eq)
{
    static prefix_map map;
    int value;
    for (uint8_t bits = 0; bits <= 32; bits++)
        cr_assert_eq(prefix_map_insert(&map, (prefix){.network = 10, .bits = bits}, bits), 0);
    cr_assert_eq(prefix_map_get(&map, (prefix){.network = 10, .bits = 24}, &value), 0);
    cr_assert_eq(value, 24);
    cr_assert_eq(prefix_map_get(&map, (prefix){.network = 11, .bits = 24}, &value), ENOENT);
    prefix_map_destroy(&map);
}

Test(map, a_hash_that_is_always_zero_is_slow_but_right)
{
    static zero_hash_map map;
    uint32_t value;
    for (uint32_t key = 0; key < 2000; key++)
        cr_assert_eq(zero_hash_map_insert(&map, key, key + 1), 0);
    for (uint32_t key = 0; key < 2000; key += 2)
        cr_assert_eq(zero_hash_map_remove(&map, key, NULL), 0);
    for (uint32_t key = 0; key < 2000; key++)
        cr_assert_eq(zero_hash_map_get(&map, key, &value), key % 2 ? 0 : ENOENT);
    for (uint32_t key = 0; key < 4000; key++)
        cr_assert_eq(zero_hash_map_put(&map, key, key, NULL), 0);
    cr_assert_eq(zero_hash_map_len(&map), 4000);
    zero_hash_map_destroy(&map);
}

/* A long random script on few keys, checked step by step against a plain array. */
enum { KEYS = 300, STEPS = 400000 };

struct reference {
    bool there[KEYS];
    uint32_t gateway[KEYS];
    size_t length;
};

static void step(const route_map *map, struct reference *reference, uint32_t key, uint32_t number)
{
    route_map_maybe old;
    route value;
    const bool there = reference->there[key];
    switch (number % 6) {
    case 0:
        cr_assert_eq(route_map_insert(map, key, via(number)), there ? EEXIST : 0);
        if (there)
            return;
        break;
    case 1:
        cr_assert_eq(route_map_put(map, key, via(number), &old), 0);
        cr_assert_eq(old.some, there);
        cr_assert(!there || old.value.gateway == reference->gateway[key]);
        break;
    case 2:
        cr_assert_eq(route_map_replace(map, key, via(number), NULL), there ? 0 : ENOENT);
        if (!there)
            return;
        break;
    case 3:
        cr_assert_eq(route_map_remove(map, key, &value), there ? 0 : ENOENT);
        cr_assert(!there || value.gateway == reference->gateway[key]);
        reference->length -= there;
        reference->there[key] = false;
        return;
    default:
        cr_assert_eq(route_map_get(map, key, &value), there ? 0 : ENOENT);
        cr_assert(!there || value.gateway == reference->gateway[key]);
        return;
    }
    reference->length += !there;
    reference->there[key] = true;
    reference->gateway[key] = number;
}

Test(map, random_script_agrees_with_a_reference)
{
    static struct reference reference;
    srand(1);
    for (unsigned shards = 1; shards <= 16; shards *= 16) {
        route_map map;
        memset(&reference, 0, sizeof reference);
        route_map_init(&map, &(struct im_map_options){.shards = shards});
        for (uint32_t i = 0; i < STEPS; i++) {
            step(&map, &reference, (uint32_t)rand() % KEYS, (uint32_t)rand());
            cr_assert_eq(route_map_len(&map), reference.length);
        }
        route_map_destroy(&map);
    }
}
