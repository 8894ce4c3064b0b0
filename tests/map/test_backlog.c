/* SPDX-License-Identifier: MIT */
/* Row M14: what is left behind beside a reader that stays is bounded. */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <dlfcn.h>
#include <pthread.h>

#include <intermut/map.h>

#include "late_reader.h"

static void end_thing(const uint32_t *thing);

#define IM_MAP_NAME thing_map
#define IM_MAP_KEY uint32_t
#define IM_MAP_VALUE uint32_t
#define IM_MAP_DROP_VALUE(value) end_thing(value)
#include <intermut/map.h>

/* LIMIT_BYTES and LIMITS are those of map/reclamation.c. */
enum { THINGS = 1000, LIMIT_BYTES = 1 << 16, LIMITS = 32 };

static thing_map things;
static uint32_t things_ended, rounds;
/* Atomic. */
static uint32_t reader_is_in, writer_waits, is_enough;
static __thread bool is_writer;

static void end_thing(const uint32_t *thing)
{
    (void)thing;
    im_sync_fetch_add(&things_ended, 1, memory_order_relaxed);
}

void urcu_bp_synchronize_rcu(void)
{
    void (*next)(void);
    *(void **)&next = dlsym(RTLD_NEXT, "urcu_bp_synchronize_rcu");
    if (is_writer)
        im_sync_store(&writer_waits, 1, memory_order_release);
    next();
}

static void *stay_inside(void *argument)
{
    thing_map_read_lock(&things);
    im_sync_store(&reader_is_in, 1, memory_order_release);
    stay_until_told();
    thing_map_read_unlock(&things);
    return argument;
}

static int insert_things(void)
{
    int error = 0;
    for (uint32_t key = 0; key < THINGS && !error; key++)
        error = thing_map_insert(&things, key, key);
    return error;
}

static void *fill_and_clear(void *argument)
{
    is_writer = true;
    for (; !im_sync_load(&is_enough, memory_order_acquire); rounds++) {
        if (insert_things() != 0 || thing_map_clear(&things) != 0)
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
        waits = im_sync_load(&writer_waits, memory_order_acquire);
        bytes = thing_map_stats(&things).left_behind_bytes;
    } while (!waits && bytes <= too_much);
    return bytes;
}

/* Who leaves tables behind waits for the reader himself, at last; not before he must. */
Test(backlog, beside_a_reader_that_stays_it_is_bounded)
{
    pthread_t reader, writer;
    void *is_good = NULL;
    thing_map_init(&things, &(struct im_map_options){.shards = 1});
    cr_assert_eq(insert_things(), 0);
    const size_t table_bytes = thing_map_stats(&things).bytes, bound = (size_t)LIMITS * LIMIT_BYTES;
    cr_assert_eq(thing_map_clear(&things), 0);
    cr_assert_eq(thing_map_synchronize(&things), 0);
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
    cr_assert_eq(im_sync_load(&things_ended, memory_order_relaxed), (rounds + 1) * THINGS);
    thing_map_destroy(&things);
}
