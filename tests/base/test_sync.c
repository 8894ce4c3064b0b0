/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sets of cores */
#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <intermut/sync.h>

Test(sync, wait_returns_at_once_when_the_word_differs)
{
    uint32_t word = 1;
    errno = 77;
    cr_assert_eq(im_sync_wait(&word, 0, IM_SYNC_FOREVER), EAGAIN);
    cr_assert_eq(errno, 77, "errno is left alone");
}

Test(sync, wait_ends_at_its_deadline)
{
    uint32_t word = 0;
    uint64_t deadline_ns = im_sync_now_ns() + 2000000;
    int error;
    while ((error = im_sync_wait(&word, 0, deadline_ns)) == 0 || error == EINTR)
        continue;
    cr_assert_eq(error, ETIMEDOUT);
    cr_assert_geq(im_sync_now_ns(), deadline_ns);
}

Test(sync, a_deadline_in_the_past_is_over)
{
    uint32_t word = 0;
    cr_assert_eq(im_sync_wait(&word, 0, 1), ETIMEDOUT);
}

static void *wait_for_one(void *argument)
{
    const uint32_t *word = argument;
    while (im_sync_load(word, memory_order_acquire) == 0)
        im_sync_wait(word, 0, IM_SYNC_FOREVER);
    return NULL;
}

Test(sync, wake_ends_every_wait)
{
    uint32_t word = 0;
    pthread_t waiters[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&waiters[i], NULL, wait_for_one, &word);
    im_sync_store(&word, 1, memory_order_release);
    im_sync_wake(&word, IM_SYNC_ALL);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_join(waiters[i], NULL), 0);
}

Test(sync, waking_nobody_leaves_errno_alone)
{
    uint32_t word = 0;
    errno = 77;
    cr_assert_eq(im_sync_wake(&word, 1), 0);
    cr_assert_eq(errno, 77);
}

Test(sync, a_requeue_moves_nobody_when_the_word_differs)
{
    uint32_t word = 1, other = 0;
    errno = 77;
    cr_assert_eq(im_sync_requeue(&word, 0, 1, &other), EAGAIN);
    cr_assert_eq(im_sync_requeue(&word, 1, 1, &other), 0);
    cr_assert_eq(errno, 77);
}

Test(sync, who_was_moved_is_woken_at_the_other_word)
{
    uint32_t word = 0, other = 0;
    pthread_t waiters[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&waiters[i], NULL, wait_for_one, &word);
    for (int woken = 0; woken < 3; woken += im_sync_wake(&other, IM_SYNC_ALL))
        cr_assert_eq(im_sync_requeue(&word, 0, 0, &other), 0);
    im_sync_store(&word, 1, memory_order_release);
    cr_assert_eq(im_sync_requeue(&word, 1, IM_SYNC_ALL, &other), 0);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_join(waiters[i], NULL), 0);
}

Test(sync, a_zeroed_mutex_is_unlocked)
{
    struct im_sync_mutex mutex = {0};
    cr_assert(im_sync_mutex_try_lock(&mutex));
    cr_assert(!im_sync_mutex_try_lock(&mutex));
    im_sync_mutex_unlock(&mutex);
    im_sync_mutex_lock(&mutex);
    im_sync_mutex_unlock(&mutex);
}

static void *store_thread_id(void *argument)
{
    *(uintptr_t *)argument = im_sync_thread_id();
    return NULL;
}

Test(sync, threads_have_ids_of_their_own)
{
    uintptr_t other = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, store_thread_id, &other);
    pthread_join(thread, NULL);
    cr_assert_neq(im_sync_thread_id(), 0);
    cr_assert_eq(im_sync_thread_id(), im_sync_thread_id());
    cr_assert_neq(other, 0);
}

Test(sync, the_clock_does_not_go_back)
{
    uint64_t before_ns = im_sync_now_ns();
    cr_assert_geq(im_sync_now_ns(), before_ns);
}

static void *store_serial(void *serial)
{
    *(uint32_t *)serial = im_sync_thread_serial();
    return NULL;
}

Test(sync, serial_numbers_are_never_given_again)
{
    uint32_t mine = im_sync_thread_serial(), others[3];
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, store_serial, &others[i]);
        pthread_join(thread, NULL);
        cr_assert_eq(others[i], mine + (uint32_t)i + 1);
        cr_assert_not(im_sync_is_left_behind(others[i]), "that a thread has ended is nothing");
    }
    cr_assert_eq(im_sync_thread_serial(), mine);
}

static uint32_t stage, other_serial;

static void *outlive_the_fork(void *unused)
{
    other_serial = im_sync_thread_serial();
    im_sync_store(&stage, 1, memory_order_release);
    while (im_sync_load(&stage, memory_order_acquire) != 2) /* release: the test */
        im_sync_yield();
    return unused;
}

/* In a child, and in its child: whether only the thread that forked is still there. */
static bool is_alone(uint32_t mine, int depth)
{
    if (im_sync_thread_serial() != mine || im_sync_is_left_behind(mine) || !im_sync_is_left_behind(other_serial))
        return false;
    if (depth == 0)
        return true;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(is_alone(mine, depth - 1) ? 0 : 1);
    return waitpid(child, &status, 0) == child && status == 0;
}

Test(sync, other_threads_are_left_behind_by_a_fork)
{
    pthread_t thread;
    int status;
    uint32_t mine = im_sync_thread_serial();
    cr_assert_eq(pthread_create(&thread, NULL, outlive_the_fork, NULL), 0);
    while (im_sync_load(&stage, memory_order_acquire) != 1) /* release: outlive_the_fork() */
        im_sync_yield();
    pid_t child = fork();
    if (child == 0)
        _exit(is_alone(mine, 1) ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
    cr_assert_not(im_sync_is_left_behind(other_serial), "not in the parent");
    im_sync_store(&stage, 2, memory_order_release);
    pthread_join(thread, NULL);
}

static void *sleep_for_ever(void *word)
{
    for (;;)
        im_sync_wait_cancellable(word, 0, IM_SYNC_FOREVER);
    return NULL;
}

Test(sync, a_sleeper_is_cancelled)
{
    uint32_t word = 0;
    pthread_t thread;
    void *result;
    cr_assert_eq(pthread_create(&thread, NULL, sleep_for_ever, &word), 0);
    pthread_cancel(thread);
    pthread_join(thread, &result);
    cr_assert_eq(result, PTHREAD_CANCELED);
}

static uint32_t signals_blocked;

static void look_at_signals(void *word)
{
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    im_sync_store(&signals_blocked, (uint32_t)sigismember(&blocked, SIGTERM), memory_order_relaxed);
    im_sync_store((uint32_t *)word, 1, memory_order_release);
    im_sync_wake(word, IM_SYNC_ALL);
}

Test(sync, a_thread_of_our_own_gets_no_signals)
{
    static uint32_t done;
    sigset_t mine;
    cr_assert_eq(im_sync_start_thread(look_at_signals, &done), 0);
    while (!im_sync_load(&done, memory_order_acquire)) /* release: look_at_signals() */
        im_sync_wait(&done, 0, IM_SYNC_FOREVER);
    cr_assert_eq(im_sync_load(&signals_blocked, memory_order_relaxed), 1);
    pthread_sigmask(SIG_SETMASK, NULL, &mine);
    cr_assert_not(sigismember(&mine, SIGTERM), "who starts it does");
}

static int cores_of_thread;

static void look_at_cores(void *word)
{
    cpu_set_t cores;
    sched_getaffinity(0, sizeof cores, &cores);
    cores_of_thread = CPU_COUNT(&cores);
    im_sync_store((uint32_t *)word, 1, memory_order_release);
    im_sync_wake(word, IM_SYNC_ALL);
}

/* How many cores a thread has that is started by one with these. */
static int cores_of_thread_from(const cpu_set_t *cores)
{
    uint32_t done = 0;
    cr_assert_eq(sched_setaffinity(0, sizeof *cores, cores), 0);
    cr_assert_eq(im_sync_start_thread(look_at_cores, &done), 0);
    while (!im_sync_load(&done, memory_order_acquire)) /* release: look_at_cores() */
        im_sync_wait(&done, 0, IM_SYNC_FOREVER);
    return cores_of_thread;
}

Test(sync, a_thread_of_our_own_does_not_share_the_core_of_its_starter)
{
    cpu_set_t all, one, two;
    CPU_ZERO(&one);
    CPU_ZERO(&two);
    cr_assert_eq(sched_getaffinity(0, sizeof all, &all), 0);
    for (unsigned core = 0; core < CPU_SETSIZE && CPU_COUNT(&two) < 2; core++) {
        if (!CPU_ISSET(core, &all))
            continue;
        CPU_SET(core, &two);
        if (CPU_COUNT(&one) == 0)
            CPU_SET(core, &one);
    }
    const int others = CPU_COUNT(&all) - 1;
    cr_assert_eq(cores_of_thread_from(&one), others > 0 ? others : 1, "the others that the process began with");
    cr_assert_eq(cores_of_thread_from(&two), CPU_COUNT(&two), "as for any other thread");
}
