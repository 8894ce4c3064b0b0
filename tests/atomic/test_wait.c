/* SPDX-License-Identifier: MIT */
/* Row A8: sleeping until a value changes, for values that are futex words and for others; deadlines. */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>

#include <intermut/atomic_wait.h>

typedef struct {
    uint64_t round, of, what;
} progress;

typedef im_atomic(uint32_t) atomic_u32;
typedef im_atomic(uint8_t) atomic_u8;
typedef im_atomic(progress) atomic_progress;
typedef im_atomic_with_lock(progress) locked_progress;

enum { ROUNDS = 2000, THREADS = 3, MS = 1000000 };

static struct {
    atomic_u32 word, answer;
    atomic_u8 byte;
    atomic_progress record;
    locked_progress own;
} shared;

static void *answer_words(void *unused)
{
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        cr_assert_eq(im_atomic_wait(&shared.word, n - 1), n);
        im_atomic_store(&shared.answer, n);
        im_atomic_wake_one(&shared.answer);
    }
    return unused;
}

Test(wait, two_threads_take_turns)
{
    pthread_t other;
    cr_assert_eq(pthread_create(&other, NULL, answer_words, NULL), 0);
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        im_atomic_store(&shared.word, n);
        im_atomic_wake_one(&shared.word);
        cr_assert_eq(im_atomic_wait(&shared.answer, n - 1), n);
    }
    pthread_join(other, NULL);
}

static void *await_record(void *argument)
{
    cr_assert_eq(im_atomic_wait_while(&shared.record, p, p.round < p.of || p.of == 0).what, 7);
    cr_assert_eq(im_atomic_wait_while(&shared.own, p, p.what == 0).what, 8);
    cr_assert_eq(im_atomic_wait(&shared.byte, 0), 9);
    cr_assert_eq(im_atomic_wait(&shared.word, 0), 10);
    return argument;
}

Test(wait, all_are_woken_whatever_the_size)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, await_record, NULL), 0);
    for (uint64_t round = 0; round <= 10; round++) {
        im_atomic_store(&shared.record, (progress){round, 10, 7});
        im_atomic_wake_all(&shared.record);
    }
    im_atomic_store(&shared.own, (progress){0, 0, 8});
    im_atomic_wake_all(&shared.own);
    im_atomic_store(&shared.byte, 9);
    im_atomic_wake_all(&shared.byte);
    im_atomic_store(&shared.word, 10);
    im_atomic_wake_all(&shared.word);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < IM_ATOMIC_WAIT_QUEUES; i++)
        cr_assert_eq(im_sync_load(&im_atomic_table.queue[i].waiting, memory_order_relaxed), 0, "nobody is left");
}

Test(wait, another_value_is_not_waited_for)
{
    cr_assert_eq(im_atomic_wait(&shared.word, 1), 0);
    cr_assert_eq(im_atomic_wait_for(&shared.word, 0, 1), 0);
    cr_assert_eq(im_atomic_wait_while(&shared.record, p, p.round != 0).round, 0);
}

Test(wait, a_deadline_ends_it)
{
    errno = 5;
    uint64_t start = im_sync_now_ns();
    cr_assert_eq(im_atomic_wait_for(&shared.word, 3 * MS, 0), ETIMEDOUT);
    cr_assert_geq(im_sync_now_ns() - start, 3 * MS);
    cr_assert_eq(im_atomic_wait_until(&shared.byte, im_sync_now_ns() + MS, 0), ETIMEDOUT);
    cr_assert_eq(im_atomic_wait_until(&shared.byte, 0, 0), ETIMEDOUT);
    cr_assert_eq(im_atomic_wait_while_until(&shared.record, im_sync_now_ns() + MS, p, p.round == 0), ETIMEDOUT);
    cr_assert_eq(im_atomic_wait_while_until(&shared.record, im_sync_now_ns() + MS, p, p.round == 1), 0);
    cr_assert_eq(errno, 5);
}

Test(wait, a_duration_beyond_all_clocks_is_for_ever)
{
    cr_assert_eq(im_raw_atomic_deadline(UINT64_MAX), IM_SYNC_FOREVER);
    cr_assert_eq(im_raw_atomic_deadline(UINT64_MAX - 1), IM_SYNC_FOREVER);
    cr_assert_lt(im_raw_atomic_deadline(MS), IM_SYNC_FOREVER);
}
