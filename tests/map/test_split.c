/* SPDX-License-Identifier: MIT */
/*
 * The first shard of a map whose values change in place is copied to many, beside inserts; or with GROWS_ASIDE, a growing
 * shard to a larger table, with FROZEN_VALUES one of frozen values. Whoever copies asks the allocator for room to note what
 * was copied of a table, and is held there: of two tables the first has been copied then, the second not yet.
 */
#define _GNU_SOURCE /* RTLD_NEXT, in sleeper.h */
#ifdef FROZEN_VALUES
/* Whether pages have still to be made is what a test says. */
#define im__map_memory_will_be_made is_waiting_for_pages
#include "../../map/memory.c" // NOLINT(bugprone-suspicious-include)
#undef im__map_memory_will_be_made
#endif

#include <criterion/criterion.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/map.h>
#include <intermut/traits.h>

#include "../sleeper.h"
#include "late_reader.h"

/* ---- The allocator ---- */

typedef im_atomic(bool) flag;

static struct {
    im_atomic(int) notes; /* that were asked for */
    flag is_held, may_go_on;
    im_atomic(int) until_failure, outstanding;
} hold;

enum { NEVER = 1 << 30 };

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    (void)context;
    /* Tables and shards are aligned; keys do not come from here. */
    if (alignment == 1 && im_atomic_fetch_add(&hold.notes, 1) == 1) {
        im_atomic_store(&hold.is_held, true);
        while (!im_atomic_load(&hold.may_go_on))
            im_sync_yield();
    }
    if (im_atomic_fetch_sub(&hold.until_failure, 1) == 0)
        return NULL;
    im_atomic_fetch_add(&hold.outstanding, 1);
    return im_allocate(NULL, bytes, alignment);
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context;
    im_atomic_fetch_sub(&hold.outstanding, 1);
    im_release(NULL, memory, bytes);
}

static const struct im_allocator allocator = {allocate, release, NULL};

static void until(const flag *is_raised)
{
    while (!im_atomic_load(is_raised))
        im_sync_yield();
}

#ifdef FROZEN_VALUES
static flag pages_are_missing;

bool im__map_memory_will_be_made(struct im_raw_map *map, const void *memory);
bool im__map_memory_will_be_made(struct im_raw_map *map, const void *memory)
{
    (void)map, (void)memory;
    return im_atomic_load(&pages_are_missing);
}
#endif

/* ---- A map that is being split ---- */

typedef uint32_t number;
IM_FREEZE(number);

static int own(number *key, number query);
static void (*while_hashing)(void);

#define IM_MAP_NAME split_map
#define IM_MAP_KEY number
#define IM_MAP_QUERY number
#define IM_MAP_QUERY_OF(key) (*(key))
#define IM_MAP_OWN(key, query, allocator) ((void)(allocator), own(key, query))
#define IM_MAP_EQ(a, b) ((a) == (b))
#define IM_MAP_HASH(query, seed) \
    (while_hashing ? while_hashing() : (void)0, UINT64_C(0x9e3779b97f4a7c15) * (query) + 0 * (seed))
#ifdef FROZEN_VALUES
#define IM_MAP_VALUE uint64_t
#else
#define IM_MAP_ATOMIC_VALUE uint64_t
#endif
#include <intermut/map.h>

/* The old ones fill one table; the first of them is what is changed. */
#ifdef GROWS_ASIDE
/* Many are too many for the table that has the new ones; and with the old ones too many for one twice as large. */
enum { OLD_KEYS = 1700, NEW_KEY = 10000, MANY_KEYS = 1000, SHARDS = 1, RESERVED = 1800 };
#else
enum { OLD_KEYS = 14, NEW_KEY = 100, MANY_KEYS = 200, SHARDS = 4, RESERVED = 1 };
#endif

static split_map map;
static void (*while_owning)(void);

static int own(number *key, number query)
{
    if (while_owning)
        while_owning();
    *key = query;
    return 0;
}

static void *split(void *error)
{
    *(int *)error = split_map_reserve(&map, RESERVED);
    return NULL;
}

static int begin(pthread_t *thread, int *error)
{
    memset(&hold, 0, sizeof hold);
    im_atomic_store(&hold.until_failure, NEVER);
    split_map_init(&map, &(struct im_map_options){.allocator = &allocator, .shards = SHARDS == 1});
    for (number key = 0; key < OLD_KEYS; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0);
    cr_assert_eq(split_map_synchronize(&map), 0);
    map.raw.wanted_shards = SHARDS;
    const int result = pthread_create(thread, NULL, split, error);
    until(&hold.is_held);
    return result;
}

static void end(pthread_t thread)
{
    im_atomic_store(&hold.may_go_on, true);
    pthread_join(thread, NULL);
}

static void expect(number key, uint64_t expected)
{
    uint64_t value = 0;
    cr_assert_eq(split_map_get(&map, key, &value), 0, "key %u", key);
    cr_assert_eq(value, expected, "%lu is at %u", (unsigned long)value, key);
    split_map_maybe found = {.some = false};
    cr_assert_eq(split_map_get_many(&map, &key, 1, &found), 1, "key %u, of many", key);
    cr_assert(found.some && found.value == expected, "%lu is at %u, of many", (unsigned long)found.value, key);
}

static void end_map(void)
{
    split_map_destroy(&map);
    cr_assert_eq(im_atomic_load(&hold.outstanding), 0, "memory leaks");
}

Test(split, new_keys_do_not_wait)
{
    pthread_t thread;
    int error = -1;
    split_map_maybe old = {.some = true};
    cr_assert_eq(begin(&thread, &error), 0);
    cr_assert_eq(split_map_insert(&map, NEW_KEY, 7), 0);
    cr_assert_eq(split_map_insert(&map, 0, 7), EEXIST);
    cr_assert_eq(split_map_put(&map, NEW_KEY + 1, 8, &old), 0);
    cr_assert_not(old.some);
    expect(0, 0);
    expect(NEW_KEY, 7);
    cr_assert_eq(split_map_len(&map), OLD_KEYS + 2);
    end(thread);
    cr_assert_eq(error, 0);
    cr_assert_eq(split_map_stats(&map).shards, SHARDS);
    for (number key = 0; key < OLD_KEYS; key++)
        expect(key, key);
    expect(NEW_KEY, 7);
    expect(NEW_KEY + 1, 8);
    cr_assert_eq(split_map_len(&map), OLD_KEYS + 2);
    end_map();
}

/* ---- Changes that wait, and are not lost ---- */

static int put(void)
{
    split_map_maybe old = {.some = false};
    const int error = split_map_put(&map, 0, 50, &old);
    return error || !old.some || old.value != 0;
}

static int replace(void)
{
    return split_map_replace(&map, 0, 50, NULL);
}

static int remove_key(void)
{
    return split_map_remove(&map, 0, NULL);
}

static int remove_and_look(void)
{
    uint64_t old = 77;
    return split_map_remove(&map, 0, &old) || old != 0;
}

static bool is_zero(const uint64_t *value, void *argument)
{
    (void)argument;
    return *value == 0;
}

static int remove_zero(void)
{
    return split_map_remove_if(&map, 0, is_zero, NULL, NULL);
}

static enum im_map_action fifty_more(const uint64_t *old, uint64_t *value, void *argument)
{
    (void)argument;
    *value = (old ? *old : 1000) + 50;
    return IM_MAP_STORE;
}

static int compute(void)
{
    return split_map_compute(&map, 0, fifty_more, NULL);
}

static int make_fifty(uint64_t *value, void *argument)
{
    (void)argument;
    *value = 50;
    return 0;
}

/* Of a key that is not there: it runs a callback. */
static int make(void)
{
    uint64_t value = 0;
    return split_map_remove(&map, 0, NULL) || split_map_get_or_insert_with(&map, 0, make_fifty, NULL, &value) ||
           value != 50;
}

static bool is_not_zero(number key, const uint64_t *value, void *argument)
{
    (void)key, (void)argument;
    return *value != 0;
}

static int retain(void)
{
    return split_map_retain(&map, is_not_zero, NULL);
}

static int clear(void)
{
    return split_map_clear(&map);
}

static void take(number key, uint64_t value, void *sum)
{
    (void)key;
    *(uint64_t *)sum += value;
}

static int drain(void)
{
    uint64_t sum = 0;
    return split_map_drain(&map, take, &sum) || sum != OLD_KEYS * (OLD_KEYS - 1) / 2;
}

static int reserve(void)
{
    return split_map_reserve(&map, RESERVED + MANY_KEYS);
}

static int shrink(void)
{
    return split_map_shrink_to_fit(&map);
}

static int synchronize(void)
{
    return split_map_synchronize(&map);
}

enum effect { NONE, FIFTY, GONE, EMPTY };

static const struct {
    const char *name;
    int (*change)(void);
    enum effect effect;
} waiting[] = {
    {"put", put, FIFTY},
    {"replace", replace, FIFTY},
    {"remove", remove_key, GONE},
    {"remove with the old value", remove_and_look, GONE},
    {"remove_if", remove_zero, GONE},
    {"compute", compute, FIFTY},
    {"get_or_insert_with", make, FIFTY},
    {"retain", retain, GONE},
    {"clear", clear, EMPTY},
    {"drain", drain, EMPTY},
    {"reserve", reserve, NONE},
    {"shrink_to_fit", shrink, NONE},
    {"synchronize", synchronize, NONE},
};

struct waiter {
    int (*change)(void);
    int result;
    flag is_done;
};

static void *change_while_split(void *argument)
{
    struct waiter *waiter = argument;
    sleeper_word = &map.raw.first.is_spread;
    waiter->result = waiter->change();
    im_atomic_store(&waiter->is_done, true);
    return NULL;
}

static void expect_effect(enum effect effect)
{
    cr_assert_eq(split_map_len(&map), effect == EMPTY ? 0 : effect == GONE ? OLD_KEYS - 1 : OLD_KEYS);
    cr_assert_eq(split_map_contains(&map, 0), effect == NONE || effect == FIFTY);
    if (effect == FIFTY)
        expect(0, 50);
    for (number key = 1; key < OLD_KEYS && effect != EMPTY; key++)
        expect(key, key);
}

Test(split, other_changes_wait_and_are_not_lost)
{
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
        pthread_t thread, changing;
        struct waiter waiter = {.change = waiting[i].change};
        int error = -1;
        cr_assert_eq(begin(&thread, &error), 0);
        cr_assert_eq(pthread_create(&changing, NULL, change_while_split, &waiter), 0);
        while (!somebody_sleeps() && !im_atomic_load(&waiter.is_done))
            im_sync_yield();
        cr_expect_not(im_atomic_load(&waiter.is_done), "%s did not wait", waiting[i].name);
        cr_assert_eq(split_map_len(&map), OLD_KEYS);
        end(thread);
        pthread_join(changing, NULL);
        cr_expect_eq(waiter.result, 0, "%s", waiting[i].name);
        cr_expect_eq(error, 0, "reserve says %d", error);
        cr_assert_eq(split_map_stats(&map).shards, SHARDS);
        expect_effect(waiting[i].effect);
        end_map();
    }
}

/* ---- No memory ---- */

/*
 * While it is held many keys come, for which the new shards' tables get too small. Whether the n-th allocation was made;
 * *undone counts splits that came to nothing.
 */
static bool split_with_failure_at(int nth, int *undone)
{
    pthread_t thread;
    int error = -1;
    cr_assert_eq(begin(&thread, &error), 0);
    for (number key = NEW_KEY; key < NEW_KEY + MANY_KEYS; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0);
    im_atomic_store(&hold.until_failure, nth);
    end(thread);
    const bool was_reached = im_atomic_load(&hold.until_failure) < 0;
    im_atomic_store(&hold.until_failure, NEVER);
    cr_assert(error == 0 || (was_reached && error == ENOMEM), "reserve says %d", error);
    /* With an error, too, if it was the reserve's own. */
    const size_t shards = split_map_stats(&map).shards;
    cr_assert(shards == SHARDS || (error && shards == 1));
    cr_assert_geq(split_map_stats(&map).capacity, SHARDS == 1 ? OLD_KEYS + RESERVED : OLD_KEYS);
    *undone += shards == 1;
    cr_assert_eq(split_map_len(&map), OLD_KEYS + MANY_KEYS);
    for (number key = NEW_KEY; key < NEW_KEY + MANY_KEYS; key++)
        expect(key, key);
    for (number key = 0; key < OLD_KEYS; key++)
        expect(key, key);
    end_map();
    return was_reached;
}

Test(split, every_allocation_may_fail)
{
    int nth = 0, undone = 0;
    while (split_with_failure_at(nth, &undone))
        nth++;
    if (SHARDS > 1)
        cr_assert_geq(undone, SHARDS, "the tables of %d shards only", undone);
}

#if defined(GROWS_ASIDE) && !defined(FROZEN_VALUES)
static flag is_inside;

static void *stay_inside(void *argument)
{
    split_map_read_lock(&map);
    im_atomic_store(&is_inside, true);
    stay_until_told();
    split_map_read_unlock(&map);
    return argument;
}

/* An insert begins a growth, and a reader does not let it be finished. Returns the number of keys. */
static number begin_growth(pthread_t *reader)
{
    number key = 0;
    im_atomic_store(&hold.may_go_on, true);
    im_atomic_store(&hold.until_failure, NEVER);
    split_map_init(&map, &(struct im_map_options){.allocator = &allocator, .shards = 1});
    for (; key < OLD_KEYS; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0);
    cr_assert_eq(split_map_synchronize(&map), 0);
    cr_assert_eq(pthread_create(reader, NULL, stay_inside, NULL), 0);
    until(&is_inside);
    for (const uint64_t growths = split_map_stats(&map).growths; split_map_stats(&map).growths == growths; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0);
    return key;
}

Test(split, what_is_reserved_meanwhile_needs_no_memory)
{
    pthread_t reader, other;
    number key = begin_growth(&reader);
    const number reserved = (number)split_map_stats(&map).capacity - key;
    cr_assert_eq(pthread_create(&other, NULL, let_reader_leave, NULL), 0);
    cr_assert_eq(split_map_reserve(&map, reserved), 0);
    im_atomic_store(&hold.until_failure, 0);
    for (const number end = key + reserved; key < end; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0, "key %u", key);
    pthread_join(other, NULL);
    pthread_join(reader, NULL);
    for (number old = 0; old < key; old++)
        expect(old, old);
    end_map();
}

Test(split, what_a_growth_has_is_left_behind_when_the_map_is_cleared)
{
    pthread_t reader;
    (void)begin_growth(&reader);
    const size_t bytes = split_map_stats(&map).bytes;
    cr_assert_eq(split_map_clear(&map), 0);
    cr_assert_eq(split_map_stats(&map).bytes, 0);
    cr_assert_eq(split_map_stats(&map).left_behind_bytes, bytes);
    tell_to_leave();
    pthread_join(reader, NULL);
    cr_assert_eq(split_map_synchronize(&map), 0);
    cr_assert_eq(split_map_stats(&map).left_behind_bytes, 0);
    end_map();
}

#endif

#ifdef GROWS_ASIDE
/* The row of tables gets longer: no table is larger for that than the keys ask for, nor are they copied with the lock. */
Test(split, a_long_growth_makes_no_larger_table)
{
    pthread_t thread;
    int error = -1;
    cr_assert_eq(begin(&thread, &error), 0);
    const size_t capacity = split_map_stats(&map).capacity;
    for (number key = NEW_KEY; key < NEW_KEY + MANY_KEYS; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0);
    cr_assert_eq(split_map_stats(&map).capacity, capacity);
    end(thread);
    cr_assert_eq(error, 0);
    cr_assert_eq(im_atomic_load(&hold.notes), 4, "what was copied of four tables was noted");
    cr_assert_eq(split_map_stats(&map).capacity, capacity);
    end_map();
}
#endif

#ifndef GROWS_ASIDE
/* ---- Who inserts is faster ---- */

enum { KEYS_FOR_ONE = 3, MOST_KEYS = 20000 };

static struct {
    im_atomic(number) wanted, inserted;
    flag is_over;
} race;

static __thread bool is_splitting;

/* Whoever splits the map asks for the hash of each key that he copies: as long as he has no lock, more come first. */
static void let_keys_come_first(void)
{
    struct im_map_lock *lock = &map.raw.first.lock;
    const number wanted = im_atomic_load(&race.wanted) + KEYS_FOR_ONE;
    if (!is_splitting || im_sync_load(&map.raw.shards, memory_order_relaxed) || wanted > MOST_KEYS ||
        !im_map_lock_try(lock))
        return;
    im_map_lock_give(lock);
    im_atomic_store(&race.wanted, wanted);
    while (im_atomic_load(&race.inserted) < wanted)
        im_sync_yield();
}

static void *insert_what_is_wanted(void *argument)
{
    while (!im_atomic_load(&race.is_over)) {
        const number inserted = im_atomic_load(&race.inserted);
        if (inserted == im_atomic_load(&race.wanted)) {
            im_sync_yield();
            continue;
        }
        cr_assert_eq(split_map_insert(&map, NEW_KEY + inserted, inserted), 0);
        im_atomic_store(&race.inserted, inserted + 1);
    }
    return argument;
}

static void *split_in_a_race(void *error)
{
    is_splitting = true;
    return split(error);
}

/* Each time that the last table has been copied there is a newer one. */
Test(split, ends_though_keys_come_faster_than_they_are_copied)
{
    pthread_t splitting, inserting;
    int error = -1;
    im_atomic_store(&hold.may_go_on, true);
    im_atomic_store(&hold.until_failure, NEVER);
    split_map_init(&map, &(struct im_map_options){.allocator = &allocator, .shards = 1});
    for (number key = 0; key < OLD_KEYS; key++)
        cr_assert_eq(split_map_insert(&map, key, key), 0);
    map.raw.wanted_shards = SHARDS;
    while_hashing = let_keys_come_first;
    cr_assert_eq(pthread_create(&inserting, NULL, insert_what_is_wanted, NULL), 0);
    cr_assert_eq(pthread_create(&splitting, NULL, split_in_a_race, &error), 0);
    pthread_join(splitting, NULL);
    im_atomic_store(&race.is_over, true);
    pthread_join(inserting, NULL);
    cr_assert_eq(error, 0);
    cr_assert_eq(split_map_stats(&map).shards, SHARDS);
    const number inserted = im_atomic_load(&race.inserted);
    cr_assert_gt(inserted, 0);
    cr_assert_lt(inserted, MOST_KEYS / 2, "it goes on as long as keys come");
    cr_assert_eq(split_map_len(&map), OLD_KEYS + inserted);
    for (number key = 0; key < OLD_KEYS; key++)
        expect(key, key);
    for (number key = 0; key < inserted; key++)
        expect(NEW_KEY + key, key);
    /* The map's own thread asks for hashes, too. */
    end_map();
    while_hashing = NULL;
}
#endif

#ifdef FROZEN_VALUES
/* ---- Pages that are not there ---- */

static void replace_without_pages(bool has_memory)
{
    number keys = 0;
    memset(&hold, 0, sizeof hold);
    im_atomic_store(&hold.may_go_on, true);
    im_atomic_store(&hold.until_failure, NEVER);
    im_atomic_store(&pages_are_missing, true);
    split_map_init(&map, &(struct im_map_options){.allocator = &allocator, .shards = 1});
    while (!map.raw.first.newest) {
        cr_assert_eq(split_map_insert(&map, keys, keys), 0);
        keys++;
    }
    im_atomic_store(&hold.until_failure, has_memory ? NEVER : 0);
    cr_assert_eq(split_map_replace(&map, 0, 50, NULL), 0);
    cr_assert_eq(map.raw.first.newest, 0, "growth is not finished");
    cr_assert_eq(im_atomic_load(&hold.notes), has_memory ? 0 : 2, "it was copied without the lock, or with it");
    im_atomic_store(&pages_are_missing, false);
    expect(0, 50);
    for (number key = 1; key < keys; key++)
        expect(key, key);
    cr_assert_eq(split_map_len(&map), keys);
    end_map();
}

/* The helper passes over that growth, and who cannot wait for it needs no memory. */
Test(split, who_replaces_a_value_waits_for_no_pages)
{
    replace_without_pages(true);
    replace_without_pages(false);
}

/* ---- A fork while the map's own thread copies, for longer than the fork waits ---- */

/* Without that thread: its copy comes to nothing, and another one begins anew. What else it had in hand is lost. */
static bool goes_on_in_child(number keys)
{
    uint64_t value;
    if (split_map_remove(&map, 0, NULL) != 0 || split_map_replace(&map, 1, 50, NULL) != 0)
        return false;
    for (number key = 0; key < keys; key++) {
        if (split_map_get(&map, key, &value) != (key == 0 ? ENOENT : 0) || (key != 0 && value != (key == 1 ? 50 : key)))
            return false;
    }
    const bool is_good = split_map_len(&map) == keys - 1;
    split_map_destroy(&map);
    return is_good;
}

Test(split, a_child_of_a_fork_makes_the_copy_that_its_parent_began)
{
    number keys = 0;
    int status = -1;
    memset(&hold, 0, sizeof hold);
    im_atomic_store(&hold.until_failure, NEVER);
    split_map_init(&map, &(struct im_map_options){.allocator = &allocator, .shards = 1});
    for (; !map.raw.first.newest; keys++)
        cr_assert_eq(split_map_insert(&map, keys, keys), 0);
    until(&hold.is_held);
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(goes_on_in_child(keys) ? 0 : 1);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    im_atomic_store(&hold.may_go_on, true);
    for (number key = 0; key < keys; key++)
        expect(key, key);
    end_map();
}
#endif

#ifndef FROZEN_VALUES
/* ---- The lock is not to be had ---- */

static struct {
    flag is_owning, has_changed, has_no_patience;
} circle;

static void *change_a_value(void *argument)
{
    const uint64_t until_ns = im_sync_now_ns() + UINT64_C(20000000000);
    until(&circle.is_owning);
    while (!split_map_try_read_lock(&map)) {
        if (im_sync_now_ns() > until_ns) {
            im_atomic_store(&circle.has_no_patience, true);
            return argument;
        }
        im_sync_yield();
    }
    im_atomic_fetch_add(split_map_find(&map, 0), 1);
    split_map_read_unlock(&map);
    im_atomic_store(&circle.has_changed, true);
    return argument;
}

static void own_after_a_change(void)
{
    im_atomic_store(&circle.is_owning, true);
    im_atomic_store(&hold.may_go_on, true);
    while (!im_atomic_load(&circle.has_changed) && !im_atomic_load(&circle.has_no_patience))
        im_sync_yield();
}

Test(split, an_insert_may_wait_for_who_changes_values)
{
    pthread_t thread, changer;
    int error = -1;
    cr_assert_eq(begin(&thread, &error), 0);
    cr_assert_eq(pthread_create(&changer, NULL, change_a_value, NULL), 0);
    while_owning = own_after_a_change;
    cr_assert_eq(split_map_insert(&map, NEW_KEY, 7), 0);
    while_owning = NULL;
    cr_assert(im_atomic_load(&circle.has_changed), "values were not to be changed as long as a callback had the shard");
    pthread_join(changer, NULL);
    end(thread);
    /* It was begun anew. */
    cr_assert_eq(error, 0);
    cr_assert_gt(im_atomic_load(&hold.notes), 2);
    cr_assert_eq(split_map_stats(&map).shards, SHARDS);
    expect(0, 1);
    expect(NEW_KEY, 7);
    cr_assert_eq(split_map_len(&map), OLD_KEYS + 1);
    end_map();
}
#endif
