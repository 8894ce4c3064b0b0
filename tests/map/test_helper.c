/* SPDX-License-Identifier: MIT */
/* Row M14: the map's thread, when it cannot be started, when it is late, and when several ask it at once. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <dlfcn.h>
#include <pthread.h>

#include <intermut/map.h>

#include "../sleeper.h"
#include "late_reader.h"

static uint64_t hash_key(uint32_t key, uint64_t seed);
static void end_thing(const uint32_t *thing);

#define IM_MAP_NAME tally_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_HASH(query, seed) hash_key(query, seed)
#define IM_MAP_ATOMIC_VALUE uint64_t
#include <intermut/map.h>

#define IM_MAP_NAME thing_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE uint32_t
#define IM_MAP_DROP_VALUE(value) end_thing(value)
#include <intermut/map.h>

enum { MANY = 10000, FEW = 100, THINGS = 20000 };
static tally_map tallies;
static thing_map things;
static uint32_t things_ended;

static void end_thing(const uint32_t *thing)
{
    (void)thing;
    im_sync_fetch_add(&things_ended, 1, memory_order_relaxed);
}

/* ---- What the library's thread comes by ---- */

/* Not so in the library's threads. */
static __thread bool is_ours;

/* What others do while such a thread fails to start; NULL: it starts. */
static void (*meanwhile)(void);

int im_sync_start_thread(void (*work)(void *argument), void *argument)
{
    __typeof__(&im_sync_start_thread) next = dlsym(RTLD_NEXT, "im_sync_start_thread");
    if (!meanwhile)
        return next(work, argument);
    meanwhile();
    return EAGAIN;
}

/* Atomic: the library's thread is to stop after its next grace period; and it has. One of ours began to wait for one. */
static uint32_t is_to_stop, has_stopped, one_of_us_waits;

void urcu_bp_synchronize_rcu(void)
{
    void (*next)(void);
    *(void **)&next = dlsym(RTLD_NEXT, "urcu_bp_synchronize_rcu");
    if (is_ours)
        im_sync_store(&one_of_us_waits, 1, memory_order_release);
    next();
    if (is_ours)
        return;
    while (im_sync_load(&is_to_stop, memory_order_acquire)) {
        im_sync_store(&has_stopped, 1, memory_order_release);
        im_sync_yield();
    }
}

/* What the map says to a hash of the library's thread that calls it. */
static bool hash_calls_map;
static uint32_t answer_to_hash;

/* Atomic: how often the library's thread had paused when it came by last. */
static uint32_t pauses;

static uint64_t hash_key(uint32_t key, uint64_t seed)
{
    if (!is_ours) {
        sleeper_word = &tallies.raw.helper;
        im_sync_store(&pauses, waits_of_this_thread, memory_order_relaxed);
    }
    if (!is_ours && hash_calls_map)
        im_sync_store(&answer_to_hash, (uint32_t)tally_map_insert(&tallies, MANY, 0), memory_order_release);
    return XXH3_64bits_withSeed(&key, sizeof key, seed);
}

/* ---- A helper that cannot be started ---- */

static void do_nothing(void)
{
}

static void run(void *(*function)(void *argument))
{
    pthread_t other;
    cr_assert_eq(pthread_create(&other, NULL, function, NULL), 0);
    pthread_join(other, NULL);
}

static bool grows(void)
{
    return im_sync_load(&tallies.raw.first.newest, memory_order_relaxed) != 0;
}

static void insert_tallies(uint32_t count)
{
    for (uint32_t key = 0; key < count; key++)
        cr_assert_eq(tally_map_insert(&tallies, key, ~key), 0);
}

static void check_tallies(uint32_t count)
{
    uint64_t seen;
    for (uint32_t key = 0; key < count; key++)
        cr_assert(tally_map_get(&tallies, key, &seen) == 0 && seen == ~key);
    cr_assert_eq(tally_map_len(&tallies), count);
}

static void fill_without_helper(void)
{
    is_ours = true;
    meanwhile = do_nothing;
    tally_map_init(&tallies, &(struct im_map_options){.shards = 1});
    insert_tallies(MANY);
    cr_assert(!grows(), "who inserted finished it");
}

static bool was_left_growing;

static void *insert_few(void *argument)
{
    is_ours = true;
    insert_tallies(FEW);
    was_left_growing = grows();
    return argument;
}

static void let_others_insert(void)
{
    run(insert_few);
}

/* They saw that there was to be a helper, and left their growth to it. */
Test(helper, who_cannot_start_it_finishes_what_others_left_to_it)
{
    fill_without_helper();
    check_tallies(MANY);
    meanwhile = let_others_insert;
    cr_assert_eq(tally_map_clear(&tallies), 0, "which leaves enough behind to ask the helper");
    cr_assert(was_left_growing);
    cr_assert(!grows());
    check_tallies(FEW);
    tally_map_destroy(&tallies);
}

static bool was_cleared;

static void *clear(void *argument)
{
    is_ours = true;
    was_cleared = tally_map_clear(&tallies) == 0;
    return argument;
}

static void let_others_clear(void)
{
    run(clear);
}

Test(helper, who_cannot_start_it_ends_what_others_left_to_it)
{
    fill_without_helper();
    meanwhile = let_others_clear;
    for (uint32_t key = MANY; !was_cleared; key++)
        cr_assert_eq(tally_map_insert(&tallies, key, key), 0);
    cr_assert_eq(tally_map_len(&tallies), 0);
    cr_assert_eq(tally_map_stats(&tallies).left_behind_bytes, 0);
    tally_map_destroy(&tallies);
}

static pthread_t waiter;

static void *wait_for_helper(void *argument)
{
    is_ours = true;
    sleeper_word = &tallies.raw.helper;
    return tally_map_synchronize(&tallies) ? NULL : argument;
}

static void let_others_wait(void)
{
    meanwhile = do_nothing;
    cr_assert_eq(pthread_create(&waiter, NULL, wait_for_helper, &tallies), 0);
    while (!somebody_sleeps())
        im_sync_yield();
    /* It is about to. */
    for (int i = 0; i < 1000; i++)
        im_sync_yield();
}

Test(helper, who_cannot_start_it_wakes_who_waits_for_it)
{
    void *is_good = NULL;
    fill_without_helper();
    meanwhile = let_others_wait;
    cr_assert_eq(tally_map_clear(&tallies), 0);
    pthread_join(waiter, &is_good);
    cr_assert(is_good);
    tally_map_destroy(&tallies);
}

/* ---- A helper that is late ---- */

Test(helper, its_hash_must_not_call_the_map)
{
    is_ours = true;
    hash_calls_map = true;
    insert_tallies(FEW);
    while (!im_sync_load(&answer_to_hash, memory_order_acquire))
        im_sync_yield();
    cr_assert_eq(im_sync_load(&answer_to_hash, memory_order_relaxed), EDEADLK);
    tally_map_destroy(&tallies);
}

static void insert_things(uint32_t shards)
{
    is_ours = true;
    thing_map_init(&things, &(struct im_map_options){.shards = shards});
    for (uint32_t key = 0; key < THINGS; key++)
        cr_assert_eq(thing_map_insert(&things, key, key), 0);
    cr_assert_eq(thing_map_synchronize(&things), 0);
}

/* Its process is not in its word. */
static void await_its_end(const struct im_raw_map *map)
{
    while (im_sync_load(&map->helper, memory_order_acquire) << 10)
        im_sync_yield();
}

static uint32_t is_synchronized;

static void *synchronize_things(void *argument)
{
    is_ours = true;
    sleeper_word = &things.raw.helper;
    cr_assert_eq(thing_map_synchronize(&things), 0);
    im_sync_store(&is_synchronized, 1, memory_order_release);
    return argument;
}

/* What it took is not on any list while it waits for the grace period. */
Test(helper, synchronize_waits_for_what_it_took)
{
    insert_things(1);
    im_sync_store(&is_to_stop, 1, memory_order_release);
    cr_assert_eq(thing_map_clear(&things), 0);
    while (!im_sync_load(&has_stopped, memory_order_acquire))
        im_sync_yield();
    cr_assert_eq(pthread_create(&waiter, NULL, synchronize_things, NULL), 0);
    while (!somebody_sleeps() && !im_sync_load(&is_synchronized, memory_order_acquire))
        im_sync_yield();
    const bool was_early = im_sync_load(&is_synchronized, memory_order_relaxed);
    im_sync_store(&is_to_stop, 0, memory_order_release);
    pthread_join(waiter, NULL);
    cr_assert(!was_early);
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), THINGS);
    thing_map_destroy(&things);
}

/* An insert into an empty slot has a short way: it asks, too. */
Test(helper, an_insert_ends_what_it_has_waited_for)
{
    enum { AFTERWARDS = 3 };
    insert_things(1);
    im_sync_store(&is_to_stop, 1, memory_order_release);
    cr_assert_eq(thing_map_clear(&things), 0);
    for (uint32_t key = 0; key < AFTERWARDS; key++)
        cr_assert_eq(thing_map_insert(&things, key, key), 0);
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), 0);
    im_sync_store(&is_to_stop, 0, memory_order_release);
    while (!im_sync_load(&things.raw.awaited, memory_order_acquire))
        im_sync_yield();
    cr_assert_eq(thing_map_insert(&things, AFTERWARDS, 0), 0);
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), THINGS);
    thing_map_destroy(&things);
}

/* ---- A helper that is late ---- */

/*
 * It was to split the map long ago. If new keys came as fast as can be then, there were more and more to copy; so who inserts
 * them sleeps a little for each 256 of them, once 28,672 are there, with nothing locked; and goes on.
 */
Test(helper, who_is_ahead_of_it_waits_a_little)
{
    enum { AT_ONCE = 28672, PORTION = 256, PORTIONS = 100 };
    is_ours = true;
    im_sync_store(&is_to_stop, 1, memory_order_release);
    sleeper_word = &tallies.raw.helper;
    insert_tallies(AT_ONCE);
    cr_assert_eq(waits_of_this_thread, 0);
    for (uint32_t key = AT_ONCE; key < AT_ONCE + PORTIONS * PORTION; key++)
        cr_assert_eq(tally_map_insert(&tallies, key, ~key), 0);
    cr_assert_eq(waits_of_this_thread, PORTIONS);
    cr_assert_eq(tally_map_stats(&tallies).shards, 1, "it is stopped");
    im_sync_store(&is_to_stop, 0, memory_order_release);
    while (tally_map_stats(&tallies).shards == 1)
        im_sync_yield();
    check_tallies(AT_ONCE + PORTIONS * PORTION);
    tally_map_destroy(&tallies);
}

/* Atomic: how often threads of ours asked for memory when there was none. */
static uint32_t refused;
static bool has_memory;

static void *allocate_while_there_is(void *context, size_t bytes, size_t alignment)
{
    void *memory = NULL;
    (void)context;
    if (has_memory)
        (void)posix_memalign(&memory, alignment < sizeof(void *) ? sizeof(void *) : alignment, bytes);
    else if (is_ours)
        im_sync_fetch_add(&refused, 1, memory_order_relaxed);
    return memory;
}

static void release(void *context, void *memory, size_t bytes)
{
    (void)context, (void)bytes;
    free(memory);
}

enum { RESERVED = 5000 };

static void *reserve(void *argument)
{
    is_ours = true;
    return tally_map_reserve(&tallies, RESERVED) ? NULL : argument;
}

/* Under the lock of its shard. */
static bool is_reserved(void)
{
    im_map_lock_take(&tallies.raw.first.lock);
    const bool is = tallies.raw.first.least_groups != 0;
    im_map_lock_give(&tallies.raw.first.lock);
    return is;
}

/* What the table has withheld so far is room; and all of it when growth is finished, and the split has no memory. */
Test(helper, who_reserves_while_it_is_late_asks_for_no_more_than_is_there)
{
    enum { KEYS = 30000, LEFT = 100, AFTERWARDS = 40000 };
    static const struct im_allocator allocator = {.allocate = allocate_while_there_is, .release = release};
    pthread_t reserver;
    void *is_done;
    is_ours = has_memory = true;
    im_sync_store(&is_to_stop, 1, memory_order_release);
    tally_map_init(&tallies, &(struct im_map_options){.allocator = &allocator});
    insert_tallies(KEYS);
    for (uint32_t key = LEFT; key < KEYS; key++)
        cr_assert_eq(tally_map_remove(&tallies, key, NULL), 0);
    has_memory = false;
    cr_assert_eq(pthread_create(&reserver, NULL, reserve, &is_done), 0);
    while (!is_reserved() && !im_sync_load(&refused, memory_order_relaxed))
        im_sync_yield();
    const bool was_refused = im_sync_load(&refused, memory_order_relaxed) != 0;
    im_sync_store(&is_to_stop, 0, memory_order_release);
    pthread_join(reserver, &is_done);
    cr_assert(!was_refused && is_done);
    for (uint32_t key = LEFT; key < LEFT + AFTERWARDS; key++)
        cr_assert_eq(tally_map_insert(&tallies, key, ~key), 0);
    tally_map_destroy(&tallies);
}

/* ---- A helper with much to do ---- */

static bool any_grows(void)
{
    const size_t shards = (size_t)tallies.raw.shard_mask + 1;
    size_t at = 0;
    while (at < shards && !im_sync_load(&tallies.raw.shards[at].newest, memory_order_relaxed))
        at++;
    return at < shards;
}

static void *change_one(void *argument)
{
    is_ours = true;
    sleeper_word = &tallies.raw.phase;
    im_map_with(tally_map, tally, &tallies, 0)
        im_atomic_fetch_add(tally, 0);
    return argument;
}

/* More keys are to be copied than it does in three rounds; one thread waits meanwhile to change a value, or none. */
static void let_it_copy(bool is_in_the_way)
{
    enum { SHARDS = 128, KEYS = 200000, GROWN = 260000 };
    pthread_t changer;
    is_ours = true;
    tally_map_init(&tallies, &(struct im_map_options){.shards = SHARDS});
    insert_tallies(KEYS);
    /* The low bits are the process where it runs. */
    while (im_sync_load(&tallies.raw.helper, memory_order_relaxed) & ((UINT32_C(1) << 22) - 1))
        im_sync_yield();
    im_sync_store(&is_to_stop, 1, memory_order_release);
    for (uint32_t key = KEYS; key < GROWN; key++)
        cr_assert_eq(tally_map_insert(&tallies, key, ~key), 0);
    im_sync_store(&pauses, 0, memory_order_relaxed);
    if (is_in_the_way) {
        while (!im_sync_load(&tallies.raw.phase, memory_order_acquire))
            im_sync_yield();
        cr_assert_eq(pthread_create(&changer, NULL, change_one, NULL), 0);
        while (!somebody_sleeps())
            im_sync_yield();
    }
    im_sync_store(&is_to_stop, 0, memory_order_release);
    while (any_grows())
        im_sync_yield();
    if (is_in_the_way)
        pthread_join(changer, NULL);
    check_tallies(GROWN);
    tally_map_destroy(&tallies);
}

Test(helper, it_does_not_pause_while_there_is_more_to_copy)
{
    let_it_copy(false);
    cr_assert_eq(im_sync_load(&pauses, memory_order_relaxed), 0);
}

Test(helper, but_for_those_who_waited_to_change_values)
{
    let_it_copy(true);
    cr_assert_geq(im_sync_load(&pauses, memory_order_relaxed), 1);
}

/* ---- A helper that several ask ---- */

static uint32_t reader_is_in;

static void *stay_inside(void *argument)
{
    is_ours = true;
    thing_map_read_lock(&things);
    im_sync_store(&reader_is_in, 1, memory_order_release);
    stay_until_told();
    thing_map_read_unlock(&things);
    return argument;
}

static void fail_once(void)
{
    meanwhile = NULL;
}

/*
 * The first shard asked for a round of a helper that could not be started; then the second one starts it. Its number goes
 * on from those before, so that the first is not taken for one that has ended.
 */
Test(helper, another_one_counts_on)
{
    enum { ROUND_SHIFT = 22, ROUNDS_BEFORE = 5, REMOVED = THINGS / 8 };
    pthread_t reader;
    insert_things(2);
    await_its_end(&things.raw);
    im_sync_store(&things.raw.helper, (uint32_t)ROUNDS_BEFORE << ROUND_SHIFT, memory_order_relaxed);
    cr_assert_eq(pthread_create(&reader, NULL, stay_inside, NULL), 0);
    while (!im_sync_load(&reader_is_in, memory_order_acquire))
        im_sync_yield();
    meanwhile = fail_once;
    for (uint32_t key = 0; key < REMOVED; key++)
        cr_assert_eq(thing_map_remove(&things, key, NULL), 0);
    cr_assert(!meanwhile, "somebody asked");
    cr_assert_eq(thing_map_stats(&things).retired, REMOVED, "the reader may look at any of them");
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), 0);
    tell_to_leave();
    pthread_join(reader, NULL);
    cr_assert_eq(thing_map_synchronize(&things), 0);
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), REMOVED);
    thing_map_destroy(&things);
}

/* ---- A helper that cannot keep up ---- */

/* LIMIT_BYTES and LIMITS are those of map/reclamation.c. */
enum { CLEARED_THINGS = 1000, LIMIT_BYTES = 1 << 16, LIMITS = 32 };
static uint32_t is_enough; /* atomic */
static uint32_t rounds;

static int insert_for_clear(void)
{
    int error = 0;
    for (uint32_t key = 0; key < CLEARED_THINGS && !error; key++)
        error = thing_map_insert(&things, key, key);
    return error;
}

static void *fill_and_clear(void *argument)
{
    is_ours = true;
    for (; !im_sync_load(&is_enough, memory_order_acquire); rounds++) {
        if (insert_for_clear() != 0 || thing_map_clear(&things) != 0)
            return NULL;
    }
    return argument;
}

/* Until the writer waits, or has left too much behind; how much that is. */
static size_t bytes_when_he_waits(size_t too_much)
{
    size_t bytes;
    bool waits;
    do {
        im_sync_yield();
        waits = im_sync_load(&one_of_us_waits, memory_order_acquire);
        bytes = thing_map_stats(&things).left_behind_bytes;
    } while (!waits && bytes <= too_much);
    return bytes;
}

/* Who leaves tables behind beside a reader that stays waits for it himself, at last; not before he must. */
Test(helper, what_is_left_behind_beside_a_reader_is_bounded)
{
    pthread_t reader, writer;
    void *is_good = NULL;
    is_ours = true;
    thing_map_init(&things, &(struct im_map_options){.shards = 1});
    cr_assert_eq(insert_for_clear(), 0);
    const size_t table_bytes = thing_map_stats(&things).bytes, bound = (size_t)LIMITS * LIMIT_BYTES;
    cr_assert_eq(thing_map_clear(&things), 0);
    cr_assert_eq(thing_map_synchronize(&things), 0);
    im_sync_store(&one_of_us_waits, 0, memory_order_relaxed);
    cr_assert_eq(pthread_create(&reader, NULL, stay_inside, NULL), 0);
    while (!im_sync_load(&reader_is_in, memory_order_acquire))
        im_sync_yield();
    cr_assert_eq(pthread_create(&writer, NULL, fill_and_clear, &things), 0);
    const size_t bytes = bytes_when_he_waits(bound + table_bytes);
    im_sync_store(&is_enough, 1, memory_order_release);
    tell_to_leave();
    pthread_join(writer, &is_good);
    pthread_join(reader, NULL);
    cr_assert(is_good);
    cr_assert_gt(bytes, bound, "it waits for %zu bytes", bytes);
    cr_assert_leq(bytes, bound + table_bytes, "it does not wait, with %zu bytes", bytes);
    cr_assert_eq(thing_map_synchronize(&things), 0);
    cr_assert_eq(thing_map_stats(&things).left_behind_bytes, 0);
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), (rounds + 1) * CLEARED_THINGS);
    thing_map_destroy(&things);
}
