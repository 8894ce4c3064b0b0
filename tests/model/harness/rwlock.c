/* SPDX-License-Identifier: MIT */
/*
 * rwlock: each policy, time-outs against being let in, downgrade, upgrade, recursive reads.
 *
 * `value` is plain: who is in at the wrong time, or without the order that being in gives, is a data race. A wake-up that
 * is lost is a deadlock. In the end the word is as it was, and nobody is in the queue. Here nobody spins: who cannot come
 * in sleeps at once. rwlock_spin.c runs the same with a look between.
 */
#include <string.h>

#include <im_model.h>

#ifndef IM_RWLOCK_SPINS
#define IM_RWLOCK_SPINS 0
#endif
#include "raw_rwlock.c"

static struct im_raw_rwlock lock;
static uint32_t policy;
static int value;
static unsigned in_time;

static void init_with(uint32_t new_policy)
{
    policy = new_policy;
    lock = (struct im_raw_rwlock){policy};
    memset(buckets, 0, sizeof buckets);
    value = 0;
    in_time = 0;
    im_model_name(&lock, sizeof lock, "lock");
}

static void init_fair(void) { init_with(IM_RWLOCK_TASK_FAIR); }
static void init_writers(void) { init_with(IM_RWLOCK_WRITER_PREFERRING); }
static void init_readers(void) { init_with(IM_RWLOCK_READER_PREFERRING); }

static void is_free(void)
{
    im_model_check(lock.state == policy, "the word is %x in the end", lock.state);
    for (int i = 0; i < BUCKETS; i++)
        im_model_check(!buckets[i].first, "somebody is left in the queue");
}

/* ---------------------------------------------------------------------------------------------- readers and writers */

static void check_value(int expected)
{
    im_model_check(value == expected, "the value is %d, not %d", value, expected);
}

static void add(void)
{
    im_raw_rwlock_write_until(&lock, IM_SYNC_FOREVER);
    value++;
    im_model_check(im_raw_rwlock_write_unlock(&lock), "it was not held");
}

static void look(void)
{
    im_model_check(im_raw_rwlock_read_until(&lock, IM_SYNC_FOREVER), "too many readers");
    check_value(value);
    im_model_check(im_raw_rwlock_read_unlock(&lock), "it was not held");
}

static void look_twice(void)
{
    look();
    look();
}

static void added_twice(void)
{
    check_value(2);
    is_free();
}

/* A harness for each policy. */
#define EACH_POLICY(name, sentence, ...)                                                                             \
    IM_MODEL_HARNESS(name##_fair, sentence ", task-fair", .init = init_fair, __VA_ARGS__)                            \
    IM_MODEL_HARNESS(name##_writers, sentence ", writer-preferring", .init = init_writers, __VA_ARGS__)              \
    IM_MODEL_HARNESS(name##_readers, sentence ", reader-preferring", .init = init_readers, __VA_ARGS__)

EACH_POLICY(rwlock_writers, "writers exclude each other", .threads = {add, add}, .check = added_twice)
EACH_POLICY(rwlock_reader, "a reader and writers exclude each other", .threads = {add, look}, .check = is_free)
EACH_POLICY(rwlock_two_readers, "readers and a writer exclude each other", .threads = {add, look, look},
            .check = is_free)
EACH_POLICY(rwlock_two_writers, "a reader and two writers exclude each other", .threads = {add, add, look},
            .check = added_twice)
EACH_POLICY(rwlock_again, "a reader that comes again waits or not, and is woken", .threads = {add, look_twice},
            .check = is_free)
