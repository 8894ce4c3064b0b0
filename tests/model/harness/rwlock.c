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

#ifndef IM_RWLOCK_LOOKS_NS
#define IM_RWLOCK_LOOKS_NS 0
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

static void check_value(int expected) { im_model_check(value == expected, "the value is %d, not %d", value, expected); }

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

/* How much is searched: all of what is small, when nobody spins. */
#define SOME_OF_THEM .search = IM_MODEL_BOUNDED, .executions = 3000, .random = 2000
#ifndef ALL_OF_THEM
#define ALL_OF_THEM .search = IM_MODEL_EXHAUSTIVE
#endif

/* A harness for each policy. */
#define EACH_POLICY(name, sentence, ...)                                                                \
    IM_MODEL_HARNESS(name##_fair, sentence ", task-fair", .init = init_fair, __VA_ARGS__)               \
    IM_MODEL_HARNESS(name##_writers, sentence ", writer-preferring", .init = init_writers, __VA_ARGS__) \
    IM_MODEL_HARNESS(name##_readers, sentence ", reader-preferring", .init = init_readers, __VA_ARGS__)

EACH_POLICY(rwlock_writers, "writers exclude each other", .threads = {add, add}, .check = added_twice, ALL_OF_THEM)
EACH_POLICY(rwlock_reader, "a reader and writers exclude each other", .threads = {add, look}, .check = is_free,
            ALL_OF_THEM)
EACH_POLICY(rwlock_two_readers, "readers and a writer exclude each other", .threads = {add, look, look},
            .check = is_free, ALL_OF_THEM)
EACH_POLICY(rwlock_two_writers, "a reader and two writers exclude each other", .threads = {add, add, look},
            .check = added_twice, SOME_OF_THEM)
EACH_POLICY(rwlock_again, "a reader that comes again waits or not, and is woken", .threads = {add, look_twice},
            .check = is_free, ALL_OF_THEM)

/* A guard in two parts: each of them changes the value, and the second one ends the section. */
static void add_in_parts(void)
{
    im_raw_rwlock_write_until(&lock, IM_SYNC_FOREVER);
    im_model_check(im_raw_rwlock_split(&lock), "two are not too many");
    value++;
    im_model_check(im_raw_rwlock_write_unlock(&lock), "it was not held");
    value++;
    im_model_check(im_raw_rwlock_write_unlock(&lock), "it was not held");
}

EACH_POLICY(rwlock_parts, "the last part of a writer leaves", .threads = {add_in_parts, look}, .check = added_twice,
            ALL_OF_THEM)

/* Parts that were leaked are ended by any thread, also two at a time. */
static void held_in_parts(void)
{
    init_fair();
    im_raw_rwlock_write_until(&lock, IM_SYNC_FOREVER);
    im_model_check(im_raw_rwlock_split(&lock), "two are not too many");
}

static void add_as_part(void)
{
    value += 2;
    im_raw_rwlock_write_unlock(&lock);
}

static void end_part(void) { im_raw_rwlock_write_unlock(&lock); }

IM_MODEL_HARNESS(rwlock_parts_apart, "of two parts that leave at a time one is the last", .init = held_in_parts,
                 .threads = {add_as_part, end_part, look}, .check = added_twice, ALL_OF_THEM)

/*
 * The bound: a writer that was woken, and found another one in, is at the head of the queue and in at the next moment. The
 * hog always wants the lock, and sees in its section whether somebody has lost.
 */
enum { HOGS_SECTIONS = 3 };
static bool has_somebody_lost; /* plain: under the lock, as `value`, which counts the others' turns */

static bool is_a_loser_queued(void)
{
    struct bucket *bucket = bucket_of(&lock);
    bool is_queued = false;
    im_sync_mutex_lock(&bucket->mutex);
    for (const struct sleeper *sleeper = bucket->first; sleeper; sleeper = sleeper->next)
        is_queued |= sleeper->has_lost;
    im_sync_mutex_unlock(&bucket->mutex);
    return is_queued;
}

static void start_bound(void)
{
    init_fair();
    has_somebody_lost = false;
}

static void hog(void)
{
    int turns = -1;
    for (int i = 0; i < HOGS_SECTIONS; i++) {
        im_raw_rwlock_write_until(&lock, IM_SYNC_FOREVER);
        im_model_check(value > turns, "the hog overtook a writer that had lost before");
        bool is_next = is_a_loser_queued();
        turns = is_next ? value : -1;
        has_somebody_lost |= is_next;
        im_raw_rwlock_write_unlock(&lock);
    }
}

static void say_whether_lost(void)
{
    is_free();
    im_model_outcome("%s", has_somebody_lost ? "lost" : "never");
}

IM_MODEL_HARNESS(rwlock_loses_once, "a writer loses once, at most", .init = start_bound, .threads = {hog, add},
                 .check = say_whether_lost, .outcomes = "lost|never", SOME_OF_THEM)
IM_MODEL_HARNESS(rwlock_loses_once_of_two, "also beside others that sleep", .init = start_bound,
                 .threads = {hog, add, add}, .check = say_whether_lost, .outcomes = "lost|never", SOME_OF_THEM)

/* ------------------------------------------------------------------------------------------------------------- tries */

static void try_to_add(void)
{
    if (!im_raw_rwlock_try_write(&lock))
        return;
    value++;
    im_raw_rwlock_write_unlock(&lock);
}

static void try_to_look(void)
{
    if (!im_raw_rwlock_try_read(&lock))
        return;
    check_value(value);
    im_raw_rwlock_read_unlock(&lock);
}

EACH_POLICY(rwlock_try, "tries keep out of each other's way, and of a writer's",
            .threads = {try_to_add, try_to_look, add}, .check = is_free, ALL_OF_THEM)

/* --------------------------------------------------------------------------- time-outs against being let in meanwhile */

enum { SOME_TIME = 50 * 1000 * 1000 };

static void add_in_time(void)
{
    if (!im_raw_rwlock_write_until(&lock, SOME_TIME))
        return;
    value++;
    im_sync_fetch_add(&in_time, 1, memory_order_relaxed);
    im_raw_rwlock_write_unlock(&lock);
}

static void look_in_time(void)
{
    if (!im_raw_rwlock_read_until(&lock, SOME_TIME))
        return;
    check_value(value);
    im_raw_rwlock_read_unlock(&lock);
}

static void all_in_time_have_added(void)
{
    check_value(1 + (int)in_time);
    is_free();
}

EACH_POLICY(rwlock_late_writer, "a writer is in or too late, never both or neither, and closes no gate for ever",
            .threads = {add, add_in_time, look}, .check = all_in_time_have_added, SOME_OF_THEM)
EACH_POLICY(rwlock_late_reader, "the same for readers", .threads = {add, look_in_time, look}, .check = is_free,
            SOME_OF_THEM)

/* --------------------------------------------------------------------------------------------- downgrade and upgrade */

static void add_and_keep(void)
{
    im_raw_rwlock_write_until(&lock, IM_SYNC_FOREVER);
    int mine = ++value;
    im_model_check(im_raw_rwlock_downgrade(&lock), "it was not held");
    check_value(mine);
    im_raw_rwlock_read_unlock(&lock);
}

EACH_POLICY(rwlock_downgrade, "no writer comes between a write and its downgrade",
            .threads = {add_and_keep, add_and_keep}, .check = added_twice, ALL_OF_THEM)
EACH_POLICY(rwlock_downgrade_reader, "and readers come in", .threads = {add_and_keep, look, add}, .check = added_twice,
            SOME_OF_THEM)

static void look_then_add(void)
{
    im_raw_rwlock_upgradable_until(&lock, IM_SYNC_FOREVER);
    int seen = value;
    im_model_check(im_raw_rwlock_upgrade_until(&lock, IM_SYNC_FOREVER), "it was not held");
    check_value(seen);
    value++;
    im_raw_rwlock_write_unlock(&lock);
}

static void look_then_add_in_time(void)
{
    im_raw_rwlock_upgradable_until(&lock, IM_SYNC_FOREVER);
    int seen = value;
    if (!im_raw_rwlock_upgrade_until(&lock, SOME_TIME)) {
        check_value(seen);
        im_model_check(im_raw_rwlock_upgradable_unlock(&lock), "it is upgradable no more");
        return;
    }
    check_value(seen);
    value++;
    im_sync_fetch_add(&in_time, 1, memory_order_relaxed);
    im_raw_rwlock_write_unlock(&lock);
}

EACH_POLICY(rwlock_upgrade, "no writer comes between a read and its upgrade", .threads = {look_then_add, look_then_add},
            .check = added_twice, ALL_OF_THEM)
EACH_POLICY(rwlock_upgrade_beside, "an upgrade waits for readers, and is before writers",
            .threads = {look_then_add, look, add}, .check = added_twice, SOME_OF_THEM)
EACH_POLICY(rwlock_upgrade_last, "an upgrade waits for the last reader, and what all of them did is before it",
            .threads = {look_then_add, look, look}, .check = is_free, SOME_OF_THEM)
EACH_POLICY(rwlock_late_upgrade, "an upgrade that is too late stays upgradable",
            .threads = {look_then_add_in_time, look, add}, .check = all_in_time_have_added, SOME_OF_THEM)

/* --------------------------------------------------------------------------------------------------- recursive reads */

static void look_within(void)
{
    im_raw_rwlock_read_until(&lock, IM_SYNC_FOREVER);
    int seen = value;
    im_raw_rwlock_read_recursive_until(&lock, IM_SYNC_FOREVER);
    check_value(seen);
    im_raw_rwlock_read_unlock(&lock);
    check_value(seen);
    im_raw_rwlock_read_unlock(&lock);
}

EACH_POLICY(rwlock_recursive, "a recursive read waits for no writer that waits for it", .threads = {look_within, add},
            .check = is_free, ALL_OF_THEM)
EACH_POLICY(rwlock_recursive_beside, "and not for one that waits for others", .threads = {look_within, add, look},
            .check = is_free, SOME_OF_THEM)

static void look_first_within(void)
{
    im_raw_rwlock_read_recursive_until(&lock, IM_SYNC_FOREVER);
    check_value(value);
    im_raw_rwlock_read_unlock(&lock);
}

EACH_POLICY(rwlock_recursive_first, "one that begins so is woken", .threads = {look_first_within, add, add},
            .check = added_twice, SOME_OF_THEM)
