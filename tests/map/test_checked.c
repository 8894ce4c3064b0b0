/* SPDX-License-Identifier: MIT */
/*
 * Row M5: the checked build finds out who changes what is frozen, and who uses what was found after the section, to the
 * letter. IM_CHECKED=1.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/map.h>
#include <intermut/map_stall.h>
#include <intermut/lock_checked.h>
#include <intermut/mutex.h>
#include <intermut/refcell.h>

#include "plain_half.h"

#define IM_MAP_NAME int_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

typedef struct {
    uint8_t hops;
    uint32_t gateway; /* there are three bytes of padding before it */
} route;
IM_FREEZE(route);

#define IM_MAP_NAME route_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE route
/* The lowest bit of a gateway is nobody's business. */
#define IM_MAP_SAME_VALUE(a, b) ((a)->hops == (b)->hops && ((a)->gateway | 1) == ((b)->gateway | 1))
#include <intermut/map.h>

/* The same without a word about what is equal: for compilers that see padding. */
#define IM_MAP_NAME padded_map
#define IM_MAP_KEY uint64_t
#define IM_MAP_VALUE route
#include <intermut/map.h>

typedef struct {
    uint8_t zone;
    uint16_t street;
} address;
IM_FREEZE(address);
#define PLACE_HASH(query, seed) ((seed) ^ (uint64_t)(query).street * UINT64_C(0x9e3779b97f4a7c15))
#define PLACE_EQ(a, b) ((a).zone == (b).zone && (a).street == (b).street)

#define IM_MAP_NAME place_map
#define IM_MAP_KEY address
#define IM_MAP_HASH(query, seed) PLACE_HASH(query, seed)
#define IM_MAP_EQ(a, b) PLACE_EQ(a, b)
#define IM_MAP_VALUE int8_t
#include <intermut/map.h>

/* Each map has its own idea of the same street. */
#define IM_MAP_NAME block_map
#define IM_MAP_KEY address
#define IM_MAP_CONTEXT const uint16_t *
#define IM_MAP_HASH(query, seed, streets) ((seed) ^ (query).street / *(streets)*UINT64_C(0x9e3779b97f4a7c15))
#define IM_MAP_EQ(a, b, streets) ((a).zone == (b).zone && (a).street / *(streets) == (b).street / *(streets))
#define IM_MAP_VALUE int8_t
#include <intermut/map.h>

#define IM_MAP_NAME named_place_map
#define IM_MAP_KEY address
#define IM_MAP_HASH(query, seed) PLACE_HASH(query, seed)
#define IM_MAP_EQ(a, b) PLACE_EQ(a, b)
#define IM_MAP_PRINT_KEY(key, text, size) snprintf(text, size, "street %u", (unsigned)(key)->street)
#define IM_MAP_VALUE int
#include <intermut/map.h>

static int print_without_end(const address *key, char *text, size_t size);

#define IM_MAP_NAME endless_map
#define IM_MAP_KEY address
#define IM_MAP_HASH(query, seed) PLACE_HASH(query, seed)
#define IM_MAP_EQ(a, b) PLACE_EQ(a, b)
#define IM_MAP_PRINT_KEY(key, text, size) print_without_end(key, text, size)
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME word_map
#define IM_MAP_STRING_KEY
#define IM_MAP_VALUE int
#include <intermut/map.h>

#define IM_MAP_NAME hit_map
#define IM_MAP_KEY int
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

typedef im_mutex(int) guarded;
#define IM_MAP_NAME guarded_map
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE guarded
#include <intermut/map.h>

typedef im_refcell(int) note;
#define IM_MAP_NAME note_map
#define IM_MAP_KEY int
#define IM_MAP_SHARED_VALUE note
#include <intermut/map.h>

typedef struct {
    char text[20000];
} page;
IM_FREEZE(page);
#define IM_MAP_NAME page_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE page
#include <intermut/map.h>

/* ---- What is expected of a panic ---- */

static char expected[1024];

static void compare(const struct im_panic_info *info)
{
    if (strcmp(info->message, expected) == 0)
        return; /* SIGABRT */
    fprintf(stderr, "expected: %s\nbut it is: %s\n", expected, info->message);
    _exit(1);
}

#define expect_panic(...) (snprintf(expected, sizeof expected, __VA_ARGS__), (void)im_panic_set_handler(compare))

/* What -Wcast-qual keeps others from. */
#define CAST(T, pointer) ((T *)(uintptr_t)(pointer))

/* The compiler is not to see that this is no part of the value. */
static __attribute__((noinline)) void poke(const void *value, ptrdiff_t offset, unsigned char byte)
{
    CAST(unsigned char, value)[offset] = byte;
}

/* In a section that the map is not told of, as a program's own: the slot itself and not a copy. */
#define REAL(NAME, map, key) (im_rcu_bp_read_lock(), NAME##_find(map, key))
static void leave_real(void)
{
    im_rcu_bp_read_unlock();
}

/* ---- Who changes what is frozen ---- */

Test(checked, a_value_changed_before_its_table_is_copied, .signal = SIGABRT)
{
    static int_map map;
    expect_panic(
        "map: the value of key 1 in int_map is frozen, but was changed at offset 1 from 7 to 263, seen when its "
        "table was copied");
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    *CAST(int, REAL(int_map, &map, 1)) = 263;
    leave_real();
    cr_assert_eq(int_map_reserve(&map, 1000), 0);
}

Test(checked, a_value_changed_before_its_map_is_split, .signal = SIGABRT)
{
    static int_map map;
    expect_panic(
        "map: the value of key 9 in int_map is frozen, but was changed at offset 0 from -1 to -2, seen when its "
        "table was copied");
    for (int key = 0; key < 5000; key++)
        cr_assert_eq(int_map_insert(&map, key, -1), 0);
    *CAST(int, REAL(int_map, &map, 9)) = -2;
    leave_real();
    for (int key = 5000; key < 50000; key++)
        cr_assert_eq(int_map_insert(&map, key, -1), 0);
}

static void *grow(void *map)
{
    if (int_map_reserve(map, 1000))
        abort();
    return NULL;
}

/* The bytes are compared across the grace period: what is written now is not in the new table. */
Test(checked, a_value_changed_after_its_table_was_copied, .signal = SIGABRT)
{
    static int_map map;
    pthread_t grower;
    expect_panic(
        "map: the value of key 1 in int_map is frozen, but was changed at offset 0 from 7 to 8, seen after its "
        "table was copied: the change is lost");
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    const int *value = REAL(int_map, &map, 1);
    pthread_create(&grower, NULL, grow, &map);
    pthread_join(grower, NULL);
    *CAST(int, value) = 8;
    leave_real();
    (void)int_map_synchronize(&map); /* it does not return */
}

Test(checked, a_value_changed_after_its_removal, .signal = SIGABRT)
{
    static int_map map;
    expect_panic("map: the value of key 1 in int_map is frozen, but was changed at offset 0 from 7 to 8, seen when it "
                 "ended");
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    const int *value = REAL(int_map, &map, 1);
    leave_real();
    cr_assert_eq(int_map_remove(&map, 1, NULL), 0);
    *CAST(int, value) = 8;
    (void)int_map_synchronize(&map);
}

Test(checked, a_value_changed_before_the_map_ends, .signal = SIGABRT)
{
    static int_map map;
    expect_panic("map: the value of key 1 in int_map is frozen, but was changed at offset 0 from 7 to 8, seen when it "
                 "ended");
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    *CAST(int, REAL(int_map, &map, 1)) = 8;
    leave_real();
    int_map_destroy(&map);
}

Test(checked, a_struct_is_shown_from_its_first_changed_byte_to_its_last, .signal = SIGABRT)
{
    static padded_map map;
    expect_panic("map: the value of key 18446744073709551615 in padded_map is frozen, but was changed at offset 5 from "
                 "56 34 to ff ff, seen when it ended");
    cr_assert_eq(padded_map_insert(&map, UINT64_MAX, (route){1, 0x12345678}), 0);
    CAST(route, REAL(padded_map, &map, UINT64_MAX))->gateway = 0x12ffff78;
    leave_real();
    padded_map_destroy(&map);
}

static void change_a_page(size_t at, size_t bytes)
{
    static page_map map;
    static page empty;
    cr_assert_eq(page_map_insert(&map, 0, empty), 0);
    const page *found = REAL(page_map, &map, 0);
    cr_assert_not_null(found);
    memset(CAST(char, found->text + at), 'a', bytes);
    leave_real();
    page_map_destroy(&map);
}

Test(checked, long_changes_are_cut, .signal = SIGABRT)
{
    expect_panic("map: the value of key 0 in page_map is frozen, but was changed at offset 100 from "
                 "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ... to "
                 "61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 ..., seen when it ended");
    change_a_page(100, 1000);
}

Test(checked, sixteen_bytes_are_shown, .signal = SIGABRT)
{
    expect_panic("map: the value of key 0 in page_map is frozen, but was changed at offset 0 from "
                 "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 to "
                 "61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61, seen when it ended");
    change_a_page(0, 16);
}

Test(checked, of_seventeen_bytes_one_is_not, .signal = SIGABRT)
{
    expect_panic("map: the value of key 0 in page_map is frozen, but was changed at offset 0 from "
                 "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ... to "
                 "61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 ..., seen when it ended");
    change_a_page(0, 17);
}

/* Padding is nobody's value. */
static void write_padding(const route *value, unsigned char byte)
{
    poke(value, (ptrdiff_t)offsetof(route, gateway) - 1, byte);
}

Test(checked, padding_is_not_compared)
{
    static route_map map;
    for (uint64_t key = 0; key < 10; key++)
        cr_assert_eq(route_map_insert(&map, key, (route){1, 2}), 0);
    for (uint64_t key = 0; key < 10; key++) {
        write_padding(REAL(route_map, &map, key), 0xee);
        leave_real();
    }
    im_map_with(route_map, value, &map, 3)
        write_padding(value, 0xdd);
    cr_assert_eq(route_map_reserve(&map, 10000), 0);
    cr_assert_eq(route_map_synchronize(&map), 0);
    route_map_destroy(&map);
}

Test(checked, the_map_says_what_is_the_same, .signal = SIGABRT)
{
    static route_map map;
    expect_panic(
        "map: the value of key 2 in route_map is frozen, but was changed at offset 4 from 02 to 04, seen when it "
        "ended");
    for (uint64_t key = 1; key <= 2; key++) {
        cr_assert_eq(route_map_insert(&map, key, (route){1, 2}), 0);
        CAST(route, REAL(route_map, &map, key))->gateway = key == 1 ? 3 : 4;
        leave_real();
        cr_assert_eq(route_map_remove(&map, key, NULL), 0);
        cr_assert_eq(route_map_synchronize(&map), 0);
    }
}

Test(checked, what_takes_the_place_of_another_is_no_change)
{
    static int_map map;
    for (int round = 0; round < 20; round++) {
        for (int key = 0; key < 100; key++)
            cr_assert_eq(int_map_put(&map, key, round, NULL), 0);
    }
    for (int key = 0; key < 100; key += 2)
        cr_assert_eq(int_map_remove(&map, key, NULL), 0);
    for (int key = 0; key < 100; key++)
        cr_assert_eq(int_map_put(&map, key, 77, NULL), 0);
    cr_assert_eq(int_map_reserve(&map, 1000), 0);
    int_map_destroy(&map);
}

#if __has_builtin(__builtin_clear_padding)
Test(checked, the_compiler_knows_padding)
{
    static padded_map map;
    cr_assert_eq(padded_map_insert(&map, 1, (route){1, 2}), 0);
    write_padding(REAL(padded_map, &map, 1), 0xee);
    leave_real();
    im_map_with(padded_map, value, &map, 1)
        write_padding(value, 0xdd);
    padded_map_destroy(&map);
}
#endif

Test(checked, padding_of_keys_is_not_compared)
{
    static place_map map;
    const address key = {1, 2};
    cr_assert_eq(place_map_insert(&map, key, 1), 0);
    /* The key is right before the value. */
    const int8_t *value = REAL(place_map, &map, key);
    leave_real();
    poke(value, (ptrdiff_t)offsetof(address, zone) + 1 - (ptrdiff_t)sizeof(address), 0xee);
    place_map_destroy(&map);
}

Test(checked, padding_of_keys_with_a_context_is_not_compared)
{
    const uint16_t ten = 10;
    block_map map;
    block_map_init(&map, &(struct im_map_options){.context = &ten});
    const address key = {1, 25};
    cr_assert_eq(block_map_insert(&map, key, 1), 0);
    cr_assert_eq(block_map_insert(&map, (address){1, 21}, 1), EEXIST);
    const int8_t *value = REAL(block_map, &map, key);
    leave_real();
    poke(value, (ptrdiff_t)offsetof(address, zone) + 1 - (ptrdiff_t)sizeof(address), 0xee);
    block_map_destroy(&map);
}

Test(checked, a_key_is_frozen_too, .signal = SIGABRT)
{
    static place_map map;
    const address key = {1, 0x201};
    expect_panic("map: key 01 00 01 02 in place_map is frozen, but was changed at offset 3 from 02 to 07, seen when it "
                 "ended");
    cr_assert_eq(place_map_insert(&map, key, 1), 0);
    const int8_t *value = REAL(place_map, &map, key);
    leave_real();
    poke(value, -1, 7);
    place_map_destroy(&map);
}

Test(checked, keys_are_printed_as_the_program_wants, .signal = SIGABRT)
{
    static named_place_map map;
    expect_panic("map: the value of key street 513 in named_place_map is frozen, but was changed at offset 0 from 1 to "
                 "2, seen when it ended");
    cr_assert_eq(named_place_map_insert(&map, (address){1, 0x201}, 1), 0);
    *CAST(int, REAL(named_place_map, &map, ((address){1, 0x201}))) = 2;
    leave_real();
    named_place_map_destroy(&map);
}

/* All there is room for, without an end. */
static int print_without_end(const address *key, char *text, size_t size)
{
    (void)key;
    memset(text, 'x', size);
    return (int)size;
}

Test(checked, a_key_that_is_printed_without_an_end, .signal = SIGABRT)
{
    static endless_map map;
    char key[128];
    memset(key, 'x', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    expect_panic("map: the value of key %s in endless_map is frozen, but was changed at offset 0 from 1 to 2, seen "
                 "when it ended",
                 key);
    cr_assert_eq(endless_map_insert(&map, (address){1, 7}, 1), 0);
    *CAST(int, REAL(endless_map, &map, ((address){1, 7}))) = 2;
    leave_real();
    endless_map_destroy(&map);
}

static int change_string(struct im_slice key, const int *value, void *argument)
{
    (void)value, (void)argument;
    *CAST(char, key.bytes) = 'H';
    return 0;
}

Test(checked, strings_are_printed_as_such, .signal = SIGABRT)
{
    static word_map map;
    expect_panic(
        "map: key \"hello\\x00\\\"\\\\\\xc3\" in word_map is frozen, but was changed at offset 8 from 68 to 48, seen "
        "when it ended");
    cr_assert_eq(word_map_insert(&map, (struct im_slice){"hello\0\"\\\xc3", 9}, 1), 0);
    cr_assert_eq(word_map_for_each(&map, change_string, NULL), 0);
    word_map_destroy(&map);
}

Test(checked, long_strings_are_cut, .signal = SIGABRT)
{
    static word_map map;
    char key[301] = {0};
    memset(key, 'k', 300);
    expect_panic(
        "map: the value of key \"%.118s...\" in word_map is frozen, but was changed at offset 0 from 1 to 2, seen "
        "when it ended",
        key);
    cr_assert_eq(word_map_insert(&map, im_slice_of(key), 1), 0);
    *CAST(int, REAL(word_map, &map, im_slice_of(key))) = 2;
    leave_real();
    word_map_destroy(&map);
}

/* ---- Values that change in address are theirs to change; their keys are not ---- */

Test(checked, values_that_change_in_place_are_not_compared)
{
    static hit_map hits;
    static guarded_map guards;
    for (int key = 0; key < 1000; key++) {
        im_map_with_or_insert(hit_map, n, &hits, key, 0)
            im_atomic_store(n, (uint64_t)key);
        im_map_with_or_insert(guarded_map, guard, &guards, key, (guarded)IM_MUTEX_INIT(0)) {
            im_mutex_with(value, guard) *value = key;
        }
    }
    hit_map_destroy(&hits);
    guarded_map_destroy(&guards);
}

Test(checked, their_keys_are, .signal = SIGABRT)
{
    static hit_map map;
    expect_panic("map: key 5 in hit_map is frozen, but was changed at offset 0 from 5 to 6, seen when it ended");
    cr_assert_eq(hit_map_insert(&map, 5, 1), 0);
    hit_map_read_lock(&map);
    poke(hit_map_find(&map, 5), -(ptrdiff_t)sizeof(uint64_t), 6);
    hit_map_read_unlock(&map);
    hit_map_destroy(&map);
}

Test(checked, their_keys_are_when_a_growth_copies_them, .signal = SIGABRT)
{
    static hit_map map;
    expect_panic(
        "map: key 5 in hit_map is frozen, but was changed at offset 0 from 5 to 6, seen when its table was copied");
    cr_assert_eq(hit_map_insert(&map, 5, 1), 0);
    hit_map_read_lock(&map);
    poke(hit_map_find(&map, 5), -(ptrdiff_t)sizeof(uint64_t), 6);
    hit_map_read_unlock(&map);
    (void)hit_map_reserve(&map, 1000); /* what it says is not seen any more */
}

/* ---- What is on record about a value's address ends with the value there ---- */

static const void *lock_value(const guarded_map *map, int key)
{
    const void *where = NULL;
    im_map_with(guarded_map, guard, map, key) {
        im_mutex_with(value, guard)++ *value;
        where = guard;
    }
    return where;
}

static bool is_on_record(const void *lock)
{
    struct im_lock_stats stats;
    return im_lock_stats(lock, &stats) == 0;
}

Test(checked, records_of_locks_go_where_the_locks_go)
{
    static guarded_map map;
    cr_assert_eq(guarded_map_insert(&map, 1, (guarded)IM_MUTEX_INIT(0)), 0);
    const void *first = lock_value(&map, 1);
    cr_assert(is_on_record(first));
    cr_assert_eq(guarded_map_reserve(&map, 1000), 0);
    cr_assert(!is_on_record(first), "moved by growth");
    const void *second = NULL;
    im_map_with(guarded_map, guard, &map, 1)
        second = guard;
    cr_assert(is_on_record(second), "and its record with it");
    cr_assert_eq(guarded_map_put(&map, 1, (guarded)IM_MUTEX_INIT(0), NULL), 0);
    cr_assert(!is_on_record(second), "replaced");
    cr_assert_eq(lock_value(&map, 1), second);
    cr_assert_eq(guarded_map_remove(&map, 1, NULL), 0);
    cr_assert_eq(guarded_map_synchronize(&map), 0);
    cr_assert(!is_on_record(second), "removed");
    cr_assert_eq(guarded_map_insert(&map, 1, (guarded)IM_MUTEX_INIT(0)), 0);
    const void *third = lock_value(&map, 1);
    guarded_map_destroy(&map);
    cr_assert(!is_on_record(third), "ended with the map");
}

/* The first value comes before the lock, and the one that lies there next comes after it. */
Test(checked, no_lock_inherits_the_order_of_another)
{
    static guarded_map map;
    static guarded beside = IM_MUTEX_INIT(0);
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(guarded_map_insert(&map, 1, (guarded)IM_MUTEX_INIT(0)), 0);
        im_map_with(guarded_map, guard, &map, 1) {
            const guarded *first = round ? &beside : guard, *second = round ? guard : &beside;
            im_mutex_with(one, first)
            {
                im_mutex_with(other, second) *one += *other;
            }
        }
        cr_assert_eq(guarded_map_remove(&map, 1, NULL), 0);
        cr_assert_eq(guarded_map_synchronize(&map), 0);
    }
    guarded_map_destroy(&map);
}

static void *use_note(void *argument)
{
    im_map_with(note_map, found, (const note_map *)argument, 1)
        im_refcell_replace(found, 2);
    return NULL;
}

/* What lay there before was used by this thread, which lives on. */
Test(checked, another_value_may_be_another_threads)
{
    static note_map map;
    pthread_t thread;
    cr_assert_eq(note_map_insert(&map, 1, (note)IM_REFCELL_INIT(1)), 0);
    use_note(&map);
    cr_assert_eq(note_map_remove(&map, 1, NULL), 0);
    cr_assert_eq(note_map_synchronize(&map), 0);
    cr_assert_eq(note_map_insert(&map, 1, (note)IM_REFCELL_INIT(1)), 0);
    pthread_create(&thread, NULL, use_note, &map);
    pthread_join(thread, NULL);
    note_map_destroy(&map);
}

/* A lock that is kept beyond its section is seen when the table is copied. */
static void keep_locked(const guarded_map *map)
{
    im_map_with(guarded_map, guard, map, 1)
        (void)im_mutex_lock(guard);
}

Test(checked, a_lock_that_is_kept_beyond_its_section, .signal = SIGABRT)
{
    static guarded_map map;
    expect_panic("cannot forget `guard`: it is locked");
    cr_assert_eq(guarded_map_insert(&map, 1, (guarded)IM_MUTEX_INIT(0)), 0);
    keep_locked(&map);
    cr_assert_eq(guarded_map_reserve(&map, 1000), 0);
    (void)guarded_map_synchronize(&map); /* the end of the table in which it is locked */
}

/* ---- Sections ---- */

Test(checked, find_outside_of_a_section, .signal = SIGABRT)
{
    static int_map map;
    expect_panic("map: int_map_find outside of any read section: what it finds may end at any time");
    int_map_read_lock(&map);
    cr_assert_null(int_map_find(&map, 1));
    int_map_read_unlock(&map);
    (void)int_map_find(&map, 1);
}

Test(checked, find_of_an_atomic_value_outside_of_a_section, .signal = SIGABRT)
{
    static hit_map map;
    expect_panic("map: hit_map_find outside of any read section: what it finds may end at any time");
    (void)hit_map_find(&map, 1);
}

static int visit_and_find(int key, const int *value, void *argument)
{
    const int *found = int_map_find(argument, key);
    return *found == *value ? 0 : -1;
}

Test(checked, one_unlock_too_many, .signal = SIGABRT)
{
    static int_map map;
    expect_panic("map: int_map_read_unlock: this thread is in no read section");
    int_map_read_lock(&map);
    int_map_read_unlock(&map);
    int_map_read_unlock(&map);
}

Test(checked, find_in_sections_of_every_kind)
{
    static int_map map;
    cr_assert_eq(int_map_insert(&map, 1, 11), 0);
    cr_assert_eq(int_map_insert(&map, 2, 22), 0);
    cr_assert_eq(int_map_for_each(&map, visit_and_find, &map), 0);
    im_map_with(int_map, one, &map, 1) {
        const int *two = int_map_find(&map, 2);
        cr_assert_eq(*one + *two, 33);
    }
    cr_assert(int_map_try_read_lock(&map));
    const int *one = int_map_find(&map, 1);
    cr_assert_eq(int_map_find(&map, 1), one, "the same in one section");
    int_map_read_lock(&map);
    cr_assert_eq(*int_map_find(&map, 2), 22);
    int_map_read_unlock(&map);
    cr_assert_eq(*one, 11, "what the outer section found is there until that ends");
    int_map_read_unlock(&map);
    int_map_destroy(&map);
}

Test(checked, sections_may_end_in_any_order)
{
    static int_map map;
    static page_map pages;
    static page full;
    memset(full.text, 'x', sizeof full.text);
    cr_assert_eq(int_map_insert(&map, 1, 11), 0);
    cr_assert_eq(page_map_insert(&pages, 1, full), 0);
    int_map_read_lock(&map);
    const int *one = int_map_find(&map, 1);
    page_map_read_lock(&pages);
    const page *large = page_map_find(&pages, 1);
    cr_assert_eq(*one, 11);
    int_map_read_unlock(&map);
    cr_assert_eq(memcmp(large, &full, sizeof full), 0);
    page_map_read_unlock(&pages);
    int_map_destroy(&map);
    page_map_destroy(&pages);
}

Test(checked, many_finds_in_many_sections)
{
    enum { KEYS = 3000, SECTIONS = 200 };
    static padded_map map;
    for (uint64_t key = 0; key < KEYS; key++)
        cr_assert_eq(padded_map_insert(&map, key, (route){1, (uint32_t)key}), 0);
    padded_map_read_lock(&map);
    for (uint64_t key = 0; key < KEYS; key++)
        cr_assert_eq(padded_map_find(&map, key)->gateway, (uint32_t)key);
    padded_map_read_unlock(&map);
    for (uint64_t section = 0; section < SECTIONS; section++) {
        padded_map_read_lock(&map);
        const route *first = padded_map_find(&map, section);
        for (uint64_t key = 0; key < section; key++)
            cr_assert_eq(padded_map_find(&map, key)->gateway, (uint32_t)key);
        cr_assert_eq(first->gateway, (uint32_t)section);
        padded_map_read_unlock(&map);
    }
    padded_map_destroy(&map);
}

static void *look_a_thousand_times(void *argument)
{
    const int_map *map = argument;
    uintptr_t wrong = 0;
    for (int i = 0; i < 1000; i++) {
        im_map_with(int_map, value, map, i % 10)
            wrong += *value != i % 10;
    }
    return CAST(void, wrong);
}

Test(checked, threads_come_and_go)
{
    static int_map map;
    for (int key = 0; key < 10; key++)
        cr_assert_eq(int_map_insert(&map, key, key), 0);
    for (int round = 0; round < 5; round++) {
        pthread_t threads[4];
        void *wrong;
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, look_a_thousand_times, &map);
        for (int i = 0; i < 4; i++) {
            pthread_join(threads[i], &wrong);
            cr_assert_null(wrong);
        }
    }
    int_map_destroy(&map);
}

/* ---- Who uses what was found after its section ---- */

static int use(const int *value)
{
    return *(const volatile int *)value;
}

Test(checked, a_value_read_after_its_section, .signal = SIGABRT)
{
    static int_map map;
    expect_panic("map: the value of key 1 in int_map is used after the read section in which it was found");
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    int_map_read_lock(&map);
    const int *value = int_map_find(&map, 1);
    cr_assert_eq(use(value), 7);
    int_map_read_unlock(&map);
    cr_assert_eq(use(value), 7);
}

Test(checked, a_value_read_after_other_sections, .signal = SIGABRT)
{
    static int_map map;
    const int *kept = NULL;
    expect_panic("map: the value of key 1 in int_map is used after the read section in which it was found");
    for (int key = 0; key < 100; key++)
        cr_assert_eq(int_map_insert(&map, key, 7), 0);
    im_map_with(int_map, value, &map, 1)
        kept = value;
    for (int key = 2; key < 64; key++) {
        im_map_with(int_map, value, &map, key)
            cr_assert_eq(*value, 7);
    }
    cr_assert_eq(use(kept), 7);
}

Test(checked, a_value_written_after_its_section, .signal = SIGABRT)
{
    static word_map map;
    const int *kept = NULL;
    expect_panic("map: the value of key \"a\" in word_map is used after the read section in which it was found");
    cr_assert_eq(word_map_insert(&map, im_slice_of("a"), 7), 0);
    im_map_with(word_map, value, &map, im_slice_of("a"))
        kept = value;
    *CAST(volatile int, kept) = 8;
}

static void *keep_what_was_found(void *argument)
{
    const int *kept = NULL;
    im_map_with(int_map, value, (const int_map *)argument, 1)
        kept = value;
    use(kept);
    return NULL;
}

Test(checked, a_value_read_by_another_thread, .signal = SIGABRT)
{
    static int_map map;
    pthread_t thread;
    expect_panic("map: the value of key 1 in int_map is used after the read section in which it was found");
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    pthread_create(&thread, NULL, keep_what_was_found, &map);
    pthread_join(thread, NULL);
}

/* A program's own handler gets what is not ours. */
static sigjmp_buf fault;
static void go_on_after_fault(int signal)
{
    siglongjmp(fault, signal);
}

static void fault_elsewhere(const int_map *map)
{
    volatile int *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    im_map_with(int_map, value, map, 1)
        cr_assert_eq(*value, 7);
    *nowhere = 1;
}

Test(checked, other_faults_are_the_programs)
{
    static int_map map;
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    signal(SIGSEGV, go_on_after_fault);
    const int signal = sigsetjmp(fault, 1);
    if (signal == 0)
        fault_elsewhere(&map);
    cr_assert_eq(signal, SIGSEGV);
    int_map_destroy(&map);
}

Test(checked, other_faults_end_the_program, .signal = SIGSEGV)
{
    static int_map map;
    struct sigaction none = {.sa_handler = SIG_DFL};
    cr_assert_eq(int_map_insert(&map, 1, 7), 0);
    sigaction(SIGSEGV, &none, NULL);
    fault_elsewhere(&map);
}

/* ---- Checked and plain code together ---- */

Test(checked, plain_code_fills_and_empties_a_checked_map)
{
    static shared_map map;
    for (int round = 0; round < 3; round++) {
        for (int key = 0; key < 2000; key++)
            cr_assert_eq(key % 2 ? plain_insert(&map, key, key) : shared_map_insert(&map, key, key), 0);
        im_map_with(shared_map, value, &map, 1)
            cr_assert_eq(*value, 1);
        for (int key = 0; key < 2000; key++)
            cr_assert_eq(key % 3 ? plain_remove(&map, key) : shared_map_remove(&map, key, NULL), 0);
        cr_assert_eq(round == 1 ? plain_synchronize(&map) : shared_map_synchronize(&map), 0);
    }
    shared_map_destroy(&map);
}

Test(checked, a_map_of_plain_code_is_used_without_checks)
{
    static plain_map map;
    for (int key = 0; key < 100; key++)
        cr_assert_eq(plain_map_insert(&map, key, key), 0);
    for (int key = 0; key < 100; key++) {
        im_map_with(plain_map, value, &map, key)
            cr_assert_eq(*value, key);
        else
            cr_assert_fail("%d is not there", key);
    }
    plain_map_destroy(&map);
}

Test(checked, what_plain_code_changes_is_found_by_checked_code, .signal = SIGABRT)
{
    static shared_map map;
    expect_panic(
        "map: the value of key 3 in shared_map is frozen, but was changed at offset 0 from 30 to 31, seen when "
        "its table was copied");
    cr_assert_eq(shared_map_insert(&map, 1, 10), 0);
    cr_assert_eq(plain_insert(&map, 3, 30), 0);
    *CAST(int, plain_find(&map, 3)) = 31;
    plain_leave(&map);
    cr_assert_eq(shared_map_reserve(&map, 1000), 0);
}

/* ---- Reports as a whole; the last ones, since they are in a file of another name ---- */

static sigjmp_buf aborted;

static void go_on(int signal)
{
    (void)signal;
    siglongjmp(aborted, 1);
}

static void check_report(void (*run)(const int_map *map), const char *message)
{
    static int_map map;
    char report[512];
    cr_assert_eq(int_map_insert(&map, -42, 7), 0);
    signal(SIGABRT, go_on);
    if (sigsetjmp(aborted, 1) == 0)
        run(&map);
    snprintf(report, sizeof report, message, im_sync_thread_number());
    fflush(stderr);
    cr_assert_stderr_eq_str(report);
}

static const int *kept;

/* clang-format off */
#line 30 "fix.c"
static void fix(const int_map *map) { im_map_with(int_map, value, map, -42) *CAST(int, value) = 8; }
#line 212 "router.c"
static void forward(const int_map *map) { im_map_with(int_map, value, map, -42) kept = value; use(kept); }
/* clang-format on */

Test(checked, report_of_a_change, .init = cr_redirect_stderr)
{
    check_report(fix,
                 "intermut: map: the value of key -42 in int_map is frozen, but was changed at offset 0 from 7 to 8, "
                 "seen at the end of the section that found it\n"
                 "  found:  fix.c:30 in fix()   thread %ld\n");
}

Test(checked, report_of_a_late_use, .init = cr_redirect_stderr)
{
    check_report(forward,
                 "intermut: map: the value of key -42 in int_map is used after the read section in which it was "
                 "found\n"
                 "  found:  router.c:212 in forward()   thread %ld\n");
}

/* ---- fork() takes the locks in the order in which the stall watch does ---- */

enum { FORK_LOCKS = 8 };

static const void **locked_by_fork;
static size_t locked_count;

/* Called by the libraries, too. */
int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static int (*next)(pthread_mutex_t *);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pthread_mutex_lock");
    if (locked_by_fork && locked_count < FORK_LOCKS)
        locked_by_fork[locked_count++] = mutex;
    return next(mutex);
}

static void ignore_stall(const struct im_map_stall *stall, void *context)
{
    (void)stall, (void)context;
}

static void want_to_know_of_stalls(void)
{
    cr_assert_eq(im_map_on_stall(ignore_stall, NULL, UINT64_MAX), 0);
}

static void read_something(void)
{
    static int_map map;
    int_map_read_lock(&map);
    int_map_read_unlock(&map);
}

/* A table in which late uses are looked for: its lock is needed by threads for which a fork() waits. */
static void change_in_place(void)
{
    static hit_map map;
    cr_assert_eq(hit_map_insert(&map, 1, 1), 0);
}

/* The locks that fork() takes in a process that did these two first. */
static void note_locks(const void **locks, void (*one)(void), void (*other)(void))
{
    pid_t process = fork(), child;
    if (process == 0) {
        one();
        other();
        locked_by_fork = locks;
        if ((child = fork()) == 0)
            _exit(0);
        locked_by_fork = NULL;
        _exit(waitpid(child, NULL, 0) == child && locked_count >= 2 ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(process, &status, 0), process);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
}

Test(checked, fork_takes_its_locks_in_one_order)
{
    const size_t bytes = FORK_LOCKS * sizeof(void *);
    const void **locks = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq((void *)locks, MAP_FAILED);
    note_locks(locks, want_to_know_of_stalls, read_something);
    note_locks(locks + FORK_LOCKS, read_something, want_to_know_of_stalls);
    cr_assert_arr_eq(locks, locks + FORK_LOCKS, bytes);
    note_locks(locks, want_to_know_of_stalls, change_in_place);
    note_locks(locks + FORK_LOCKS, change_in_place, want_to_know_of_stalls);
    cr_assert_arr_eq(locks, locks + FORK_LOCKS, bytes);
    munmap(locks, 2 * bytes);
}
