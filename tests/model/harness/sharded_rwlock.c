/* SPDX-License-Identifier: MIT */
/*
 * The sharded rwlock: readers that come in by slots against writers that close the lock, which rests on a store and a
 * look of each side; opening; time-outs; upgrade and downgrade. As rwlock.c otherwise.
 */
#include <string.h>

#include <im_model.h>

/* Nobody spins; one read opens the lock. */
#define IM_RWLOCK_SPINS 0
#define IM_SHARDED_RWLOCK_CALM_READS 1
#define IM_SHARDED_RWLOCK_THREADS 3
#include "raw_rwlock.c"
#include "raw_sharded_rwlock.c"

static struct im__sharded_reader *selves[IM_MODEL_MAX_THREADS + 1];

struct im__sharded_reader **im__sharded_self(void) { return &selves[im_model_thread()]; }

static struct im_raw_sharded_rwlock lock;
static int value;

static void init_closed(void)
{
    lock = (struct im_raw_sharded_rwlock){.central = {0}};
    memset(buckets, 0, sizeof buckets);
    memset(readers, 0, sizeof readers);
    memset(selves, 0, sizeof selves);
    readers_used = 0;
    value = 0;
    im_model_name(&lock.central, sizeof lock.central, "central");
    im_model_name(&lock.openness, sizeof lock.openness, "openness");
    im_model_name(&lock.calm, sizeof lock.calm, "calm");
    im_model_name(readers, sizeof readers, "readers");
}

static void init_open(void)
{
    init_closed();
    lock.openness = IM__SHARDED_OPEN;
}

static void is_free(void)
{
    im_model_check(lock.central.state == 0, "the central word is %x in the end", lock.central.state);
    for (unsigned at = 0; at < IM_SHARDED_RWLOCK_THREADS; at++)
        for (unsigned i = 0; i < SLOTS; i++)
            im_model_check(!readers[at].slots[i] && !readers[at].more[i], "a slot is taken in the end");
}

static void check_value(int expected)
{
    im_model_check(value == expected, "the value is %d, not %d", value, expected);
}

static void enter(void) { im_model_check(im_raw_sharded_rwlock_read_until(&lock, IM_SYNC_FOREVER), "too many readers"); }
static void leave(void) { im_model_check(im_raw_sharded_rwlock_read_unlock(&lock), "it was not held"); }

static void look(void)
{
    enter();
    check_value(value);
    leave();
}

static void look_twice(void)
{
    look();
    look();
}

static void look_within(void)
{
    enter();
    int seen = value;
    enter();
    check_value(seen);
    leave();
    check_value(seen);
    leave();
}

static void add(void)
{
    im_raw_sharded_rwlock_write_until(&lock, IM_SYNC_FOREVER);
    value++;
    im_model_check(im_raw_sharded_rwlock_write_unlock(&lock), "it was not held");
}

static void added(int times)
{
    check_value(times);
    is_free();
}

static void added_once(void) { added(1); }
static void added_twice(void) { added(2); }

IM_MODEL_HARNESS(sharded_open, "a reader by a slot and a writer exclude each other", .init = init_open,
                 .threads = {look, add}, .check = added_once)
IM_MODEL_HARNESS(sharded_closed, "a reader that opens the lock and a writer exclude each other", .init = init_closed,
                 .threads = {look_twice, add}, .check = added_once)
IM_MODEL_HARNESS(sharded_within, "a thread that reads what it reads waits for no writer", .init = init_open,
                 .threads = {look_within, add}, .check = added_once)
IM_MODEL_HARNESS(sharded_writers, "two writers and a reader by a slot exclude each other", .init = init_open,
                 .threads = {look, add, add}, .check = added_twice)
IM_MODEL_HARNESS(sharded_readers, "two readers by slots and a writer exclude each other", .init = init_open,
                 .threads = {look, look, add}, .check = added_once, .search = IM_MODEL_BOUNDED, .executions = 100000)
