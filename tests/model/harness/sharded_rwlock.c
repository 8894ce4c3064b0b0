/* SPDX-License-Identifier: MIT */
/*
 * The sharded rwlock: readers that come in by slots against writers that close the lock, which rests on a store and a
 * look of each side; opening; time-outs; upgrade and downgrade. As rwlock.c otherwise.
 */
#include <string.h>

#include <im_model.h>

#define SOME_OF_THEM .search = IM_MODEL_BOUNDED, .executions = 10000, .random = 5000

/* Nobody spins; one read opens the lock. */
#define IM_RWLOCK_LOOKS_NS 0
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

static void check_value(int expected) { im_model_check(value == expected, "the value is %d, not %d", value, expected); }

static void enter(void)
{
    im_model_check(im_raw_sharded_rwlock_read_until(&lock, IM_SYNC_FOREVER), "too many readers");
}
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
                 .threads = {look_twice, add}, .check = added_once, SOME_OF_THEM)
IM_MODEL_HARNESS(sharded_within, "a thread that reads what it reads waits for no writer", .init = init_open,
                 .threads = {look_within, add}, .check = added_once)
IM_MODEL_HARNESS(sharded_writers, "two writers and a reader by a slot exclude each other", .init = init_open,
                 .threads = {look, add, add}, .check = added_twice, SOME_OF_THEM)
IM_MODEL_HARNESS(sharded_readers, "two readers by slots and a writer exclude each other", .init = init_open,
                 .threads = {look, look, add}, .check = added_once, SOME_OF_THEM)
IM_MODEL_HARNESS(sharded_opened, "two readers, of which one may open the lock, and a writer", .init = init_closed,
                 .threads = {look_twice, look, add}, .check = added_once, SOME_OF_THEM)

/* ---------------------------------------------------------------------------------------------- tries, times, upgrades */

enum { SOME_TIME = 50 * 1000 * 1000 };
static unsigned in_time;

static void init_in_time(void)
{
    init_open();
    in_time = 0;
}

static void added_in_time(void) { added((int)in_time); }

static void try_to_add(void)
{
    if (!im_raw_sharded_rwlock_try_write(&lock))
        return;
    value++;
    in_time++;
    im_raw_sharded_rwlock_write_unlock(&lock);
}

static void add_in_time(void)
{
    if (!im_raw_sharded_rwlock_write_until(&lock, SOME_TIME))
        return;
    value++;
    in_time++;
    im_raw_sharded_rwlock_write_unlock(&lock);
}

static void try_to_look(void)
{
    if (!im_raw_sharded_rwlock_try_read(&lock))
        return;
    check_value(value);
    leave();
}

static void look_then_add(void)
{
    im_raw_sharded_rwlock_upgradable_until(&lock, IM_SYNC_FOREVER);
    int seen = value;
    im_model_check(im_raw_sharded_rwlock_upgrade_until(&lock, IM_SYNC_FOREVER), "it was not held");
    check_value(seen);
    value++;
    in_time++;
    im_raw_sharded_rwlock_write_unlock(&lock);
}

static void try_to_upgrade(void)
{
    im_raw_sharded_rwlock_upgradable_until(&lock, IM_SYNC_FOREVER);
    int seen = value;
    if (!im_raw_sharded_rwlock_try_upgrade(&lock)) {
        im_model_check(im_raw_sharded_rwlock_upgradable_unlock(&lock), "it is upgradable no more");
        return;
    }
    check_value(seen);
    value++;
    in_time++;
    im_model_check(im_raw_sharded_rwlock_downgrade(&lock), "it was not held");
    check_value(seen + 1);
    leave();
}

IM_MODEL_HARNESS(sharded_try, "a try to write that fails leaves readers and the next writer right",
                 .init = init_in_time, .threads = {look, try_to_add, try_to_add}, .check = added_in_time, SOME_OF_THEM)
IM_MODEL_HARNESS(sharded_try_read, "and so with tries to read", .init = init_in_time,
                 .threads = {try_to_look, try_to_add}, .check = added_in_time)
IM_MODEL_HARNESS(sharded_late, "a writer that is too late does, too", .init = init_in_time,
                 .threads = {look, add_in_time, add_in_time}, .check = added_in_time, SOME_OF_THEM)
IM_MODEL_HARNESS(sharded_upgrade, "an upgrade waits for readers by slots", .init = init_in_time,
                 .threads = {look, look_then_add}, .check = added_in_time)
IM_MODEL_HARNESS(sharded_try_upgrade, "a try to upgrade that fails leaves it upgradable", .init = init_in_time,
                 .threads = {look, try_to_upgrade}, .check = added_in_time)

/* A thread reads two locks, and leaves one: its writer is not made to wait for the other one. */

static struct im_raw_sharded_rwlock other;
static uint32_t is_added;

static void init_two(void)
{
    init_open();
    other = (struct im_raw_sharded_rwlock){.openness = IM__SHARDED_OPEN};
    is_added = 0;
    im_model_name(&other, sizeof other, "other");
    im_model_name(&is_added, sizeof is_added, "is_added");
}

static void read_other_until_added(void)
{
    im_raw_sharded_rwlock_read_until(&lock, IM_SYNC_FOREVER);
    im_raw_sharded_rwlock_read_until(&other, IM_SYNC_FOREVER);
    leave();
    while (!im_sync_load(&is_added, memory_order_acquire))
        im_sync_wait(&is_added, 0, IM_SYNC_FOREVER);
    im_raw_sharded_rwlock_read_unlock(&other);
}

static void add_and_tell(void)
{
    add();
    im_sync_store(&is_added, 1, memory_order_release);
    im_sync_wake(&is_added, 1);
}

static void write_other(void)
{
    im_raw_sharded_rwlock_write_until(&other, IM_SYNC_FOREVER);
    im_raw_sharded_rwlock_write_unlock(&other);
}

IM_MODEL_HARNESS(sharded_two_locks, "a writer waits for the readers of its own lock only", .init = init_two,
                 .threads = {read_other_until_added, add_and_tell, write_other}, .check = added_once,
                 SOME_OF_THEM)
