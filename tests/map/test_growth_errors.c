/* SPDX-License-Identifier: MIT */
/*
 * Row M13 of values that change in place, whose growth is in two parts: every allocation of a script fails once, in all
 * that grows, shrinks, reserves and splits, and the map is as before. Built for atomic values, and with SHARED_VALUES for
 * such behind a lock.
 *
 * In the first part another thread is inside a read section, so that no growth can be finished: new keys make a row of
 * tables. What would be in the way of that is done in the second part.
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/map.h>
#include <intermut/mutex.h>

#define IM_MAP_NAME tally_map
#define IM_MAP_STRING_KEY
#ifdef SHARED_VALUES
typedef im_mutex(int) tally;
#define IM_MAP_SHARED_VALUE tally
typedef tally tally_value;
#define TALLY(number) ((tally)IM_MUTEX_INIT(number))
enum { SHARED = true };
#else
#define IM_MAP_ATOMIC_VALUE int
typedef int tally_value;
#define TALLY(number) (number)
enum { SHARED = false };
#endif
#include <intermut/map.h>

static int read_tally(const tally_value *value)
{
    int number = 0;
#ifdef SHARED_VALUES
    im_mutex_with(it, value) number = *it;
#else
    number = *value;
#endif
    return number;
}

static void add_to_tally(tally_map_find_result value, int more)
{
#ifdef SHARED_VALUES
    im_mutex_with(it, value) *it += more;
#else
    im_atomic_fetch_add(value, more);
#endif
}

/* ---- Memory that fails at the n-th request; the map's helper asks, too ---- */

struct failing {
    im_atomic(int) until_failure;
    im_atomic(int) outstanding;
};

static void *allocate(void *context, size_t bytes, size_t alignment)
{
    struct failing *failing = context;
    if (im_atomic_fetch_sub(&failing->until_failure, 1) == 0)
        return NULL;
    im_atomic_fetch_add(&failing->outstanding, 1);
    return im_allocate(NULL, bytes, alignment);
}

static void release(void *context, void *memory, size_t bytes)
{
    struct failing *failing = context;
    im_atomic_fetch_sub(&failing->outstanding, 1);
    im_release(NULL, memory, bytes);
}

/* ---- A reader that keeps growth from its end ---- */

#define IM_MAP_NAME plain_map
#define IM_MAP_KEY int
#define IM_MAP_VALUE int
#include <intermut/map.h>

struct reader {
    pthread_t thread;
    pthread_barrier_t barrier;
};

static void *stay_inside(void *argument)
{
    struct reader *reader = argument;
    static plain_map map;
    plain_map_read_lock(&map);
    pthread_barrier_wait(&reader->barrier);
    pthread_barrier_wait(&reader->barrier);
    plain_map_read_unlock(&map);
    return NULL;
}

static void enter(struct reader *reader)
{
    cr_assert_eq(pthread_barrier_init(&reader->barrier, NULL, 2), 0);
    cr_assert_eq(pthread_create(&reader->thread, NULL, stay_inside, reader), 0);
    pthread_barrier_wait(&reader->barrier);
}

static void leave(struct reader *reader)
{
    pthread_barrier_wait(&reader->barrier);
    pthread_join(reader->thread, NULL);
    pthread_barrier_destroy(&reader->barrier);
}

/* ---- The script ---- */

enum { SCRIPT_KEYS = 64, INSERTS = 48, STEPS = 120, SPLIT_STEP = STEPS / 2, TABLES_MIN = 3 };

struct script {
    tally_map map;
    bool growth_is_kept; /* changes in place would wait */
    bool there[SCRIPT_KEYS];
    int value[SCRIPT_KEYS];
    unsigned shown;
    int failures;
};

static struct im_slice key_text(char buffer[64], int number)
{
    snprintf(buffer, 64, "a key that is not inline, number %d", number);
    return im_slice_of(buffer);
}

static int number_of(struct im_slice key)
{
    return atoi(strrchr(key.bytes, ' '));
}

static int check_element(struct im_slice key, const tally_value *value, void *argument)
{
    struct script *script = argument;
    char text[64] = {0};
    memcpy(text, key.bytes, key.length);
    const int number = number_of(im_slice_of(text));
    cr_assert(script->there[number] && script->value[number] == read_tally(value), "key %d", number);
    script->shown++;
    return 0;
}

/* While the map is one shard. */
static size_t tables_in_row(const struct script *script)
{
    size_t tables = 0;
    for (uintptr_t at = script->map.raw.first.table; at; at = im_map_view(at).table->newer)
        tables++;
    return tables;
}

/* The map is what the script knows. A walk over shared values waits for growth, one over atomic ones does not. */
static void check_script(struct script *script)
{
    unsigned length = 0;
    char text[64];
    for (int i = 0; i < SCRIPT_KEYS; i++) {
        cr_assert_eq(tally_map_contains(&script->map, key_text(text, i)), script->there[i], "key %d", i);
        length += script->there[i];
    }
    cr_assert_eq(tally_map_len(&script->map), length);
    if (script->map.raw.synchronous && !script->map.raw.shards)
        cr_assert_leq(tables_in_row(script), 1, "a growth is not finished");
    script->shown = 0;
    if (SHARED && script->growth_is_kept)
        return;
    cr_assert_eq(tally_map_for_each(&script->map, check_element, script), 0);
    cr_assert_eq(script->shown, length);
}

static void set(struct script *script, int number, int value)
{
    script->there[number] = true;
    script->value[number] = value;
}

/* Whether a step was made; if there was no memory for it the map is as before. */
static bool made(struct script *script, int error)
{
    cr_assert(error == 0 || error == ENOMEM, "error %d", error);
    if (error) {
        script->failures++;
        check_script(script);
    }
    return error == 0;
}

static bool is_even_value(const tally_value *value, void *argument)
{
    (void)argument;
    return read_tally(value) % 2 == 0;
}

static bool is_even(struct im_slice key, const tally_value *value, void *argument)
{
    (void)key;
    return is_even_value(value, argument);
}

static void take_element(struct im_slice key, tally_value value, void *argument)
{
    (void)check_element(key, &value, argument);
}

static void add(struct script *script, struct im_slice key, int number, int more)
{
    bool added = false;
    im_map_with_or_insert(tally_map, value, &script->map, key, TALLY(0)) {
        add_to_tally(value, more);
        added = true;
    }
    if (made(script, added ? 0 : ENOMEM))
        set(script, number, (script->there[number] ? script->value[number] : 0) + more);
}

/* What comes back is what was there; after an error, nothing. */
static void put_for_old(struct script *script, struct im_slice key, int number, int value)
{
    tally_map_maybe old = {.some = true, .value = TALLY(-1)};
    const bool was_there = script->there[number];
    if (!made(script, tally_map_put(&script->map, key, TALLY(value), &old))) {
        cr_assert(old.some && read_tally(&old.value) == -1, "written in spite of an error");
        return;
    }
    cr_assert_eq(old.some, was_there);
    cr_assert(!was_there || read_tally(&old.value) == script->value[number]);
    set(script, number, value);
}

/* Removals need no memory. */
static void remove_for_old(struct script *script, struct im_slice key, int number, bool if_even)
{
    const bool was_there = script->there[number];
    const bool takes = was_there && (!if_even || script->value[number] % 2 == 0);
    tally_value old = TALLY(-1);
    const int error = if_even ? tally_map_remove_if(&script->map, key, is_even_value, NULL, &old)
                              : tally_map_remove(&script->map, key, &old);
    cr_assert_eq(error, takes ? 0 : was_there ? ECANCELED : ENOENT);
    cr_assert_eq(read_tally(&old), takes ? script->value[number] : -1);
    script->there[number] = was_there && !takes;
}

static void drain_script(struct script *script)
{
    const size_t length = tally_map_len(&script->map);
    script->shown = 0;
    cr_assert_eq(tally_map_drain(&script->map, take_element, script), 0);
    cr_assert_eq(script->shown, length);
    memset(script->there, 0, sizeof script->there);
}

static void script_step(struct script *script, int step)
{
    const tally_map *map = &script->map;
    const int number = step * 7 % SCRIPT_KEYS;
    char text[64];
    const struct im_slice key = key_text(text, number);
    switch (step % 11) {
    case 0:
    case 1:
        add(script, key, number, step);
        break;
    case 2:
        if (made(script, tally_map_put(map, key, TALLY(step), NULL)))
            set(script, number, step);
        break;
    case 3:
    case 4:
        cr_assert_eq(tally_map_remove(map, key, NULL), script->there[number] ? 0 : ENOENT);
        script->there[number] = false;
        break;
    case 5:
        (void)made(script, tally_map_reserve(map, (size_t)step * 2));
        break;
    case 6:
        (void)made(script, tally_map_shrink_to_fit(map));
        break;
    case 7:
        put_for_old(script, key, number, step);
        break;
    case 8:
        remove_for_old(script, key, number, step % 2);
        break;
    case 9:
        (void)made(script, tally_map_synchronize(map));
        if (step % 4 == 0)
            drain_script(script);
        break;
    default:
        cr_assert_eq(step % 3 ? 0 : tally_map_retain(map, is_even, NULL), 0);
        for (int i = 0; step % 3 == 0 && i < SCRIPT_KEYS; i++)
            script->there[i] = script->there[i] && script->value[i] % 2 == 0;
    }
}

/* Keys of which none may wait: at first while a reader is inside. */
static void insert_many(struct script *script)
{
    char text[64];
    for (int number = 0; number < INSERTS; number++) {
        const int error = tally_map_insert(&script->map, key_text(text, number), TALLY(number));
        if (made(script, error))
            set(script, number, number);
    }
    check_script(script);
}

/* Whether the n-th allocation of the script was reached, and failed. */
static bool run_with_failure_at(int nth, bool synchronous)
{
    static struct script script;
    struct reader reader;
    struct failing failing = {.until_failure = IM_ATOMIC_INIT(nth)};
    const struct im_allocator allocator = {allocate, release, &failing};
    memset(&script, 0, sizeof script);
    tally_map_init(&script.map, &(struct im_map_options){.allocator = &allocator, .synchronous = synchronous});
    script.growth_is_kept = !synchronous;
    if (script.growth_is_kept)
        enter(&reader);
    insert_many(&script);
    if (script.growth_is_kept) {
        cr_assert_geq(tables_in_row(&script), TABLES_MIN);
        leave(&reader);
    }
    script.growth_is_kept = false;
    for (int step = 0; step < STEPS; step++) {
        /* The map would be split by size or by contention later: here in the middle. */
        if (step == SPLIT_STEP) {
            script.map.raw.wanted_shards = 4;
            if (made(&script, tally_map_reserve(&script.map, 1)))
                cr_assert_eq(tally_map_stats(&script.map).shards, 4);
        }
        script_step(&script, step);
    }
    check_script(&script);
    cr_assert_eq(tally_map_clear(&script.map), 0);
    tally_map_destroy(&script.map);
    cr_assert_eq(im_atomic_load(&failing.outstanding), 0, "failure at %d leaks", nth);
    cr_assert_leq(script.failures, 1);
    return im_atomic_load(&failing.until_failure) < 0;
}

Test(growth_errors, every_allocation_may_fail)
{
    for (int synchronous = 0; synchronous <= 1; synchronous++) {
        int nth = 0;
        while (run_with_failure_at(nth, synchronous))
            nth++;
        cr_assert_gt(nth, 100, "only %d allocations", nth);
    }
}
