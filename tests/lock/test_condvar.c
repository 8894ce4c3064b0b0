/* SPDX-License-Identifier: MIT */
/* Row L8: waiting with a mutex of any raw lock: -DRAW=…. */
#include "../cell/panics.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include <intermut/condvar.h>

#define MS UINT64_C(1000000)

struct box {
    int filled, taken;
};
typedef im_mutex_of(RAW, struct box) box_mutex;

static box_mutex box;
static im_condvar is_filled, is_empty;

/* ---------------------------------------------------------------------------------------------------- one thread */

Test(condvar, a_wait_ends_at_its_deadline_with_the_lock)
{
    im_mutex_with(b, &box)
    {
        uint64_t before = im_sync_now_ns();
        cr_assert_eq(im_condvar_wait_for(&is_filled, &box, 2 * MS), ETIMEDOUT);
        cr_assert_geq(im_sync_now_ns(), before + 2 * MS);
        cr_assert_eq(im_condvar_wait_until(&is_filled, &box, 1), ETIMEDOUT);
        cr_assert_eq(im_condvar_wait_until(&is_filled, &box, 0), ETIMEDOUT);
        cr_assert_eq(im_condvar_wait_for(&is_filled, &box, 0), ETIMEDOUT);
        cr_assert(im_mutex_is_locked(&box));
        cr_assert_eq(im_condvar_wait_while_for(&is_filled, &box, MS, now, now->filled == 0), ETIMEDOUT);
        cr_assert_eq(im_condvar_wait_while_until(&is_filled, &box, 1, now, now->filled == 0), ETIMEDOUT);
        b->filled = 1;
        cr_assert_eq(im_condvar_wait_while_for(&is_filled, &box, 0, now, now->filled == 0), 0);
        cr_assert_eq(im_condvar_wait_while_until(&is_filled, &box, 0, now, now->filled == 0), 0);
        im_condvar_wait_while(&is_filled, &box, now, now->filled == 0);
    }
    cr_assert_not(im_mutex_is_locked(&box));
}

Test(condvar, notifying_nobody_is_nothing)
{
    im_condvar cond = IM_CONDVAR_INIT;
    errno = 77;
    im_condvar_notify_one(&cond);
    im_condvar_notify_all(&cond);
    cr_assert_eq(cond.im_value.sequence, 0);
    cr_assert_eq(errno, 77);
    im_condvar_destroy(&cond);
}

Test(condvar, waiting_without_the_lock_panics)
{
    ASSERT_PANICS(im_condvar_wait(&is_filled, &box), "cannot wait `box`: the mutex is not locked");
}

/* ------------------------------------------------------------------------------------------------------- threads */

static void *take_one(void *argument)
{
    (void)argument;
    im_mutex_with(b, &box)
    {
        im_condvar_wait_while(&is_filled, &box, now, now->filled == 0);
        b->filled--, b->taken++;
    }
    im_condvar_notify_one(&is_empty);
    return NULL;
}

/* Until so many wait: they count themselves under the lock, and let go of it asleep or about to sleep. */
static void await_waiters(const im_condvar *cond, unsigned count)
{
    for (;;) {
        unsigned waiters = 0;
        im_mutex_with(b, &box) waiters = im_sync_load(&cond->im_value.waiters, memory_order_relaxed);
        if (waiters == count)
            return;
        sched_yield();
    }
}

enum { WAITERS = 6 };

Test(condvar, notify_one_lets_one_go_and_notify_all_the_others)
{
    pthread_t threads[WAITERS];
    for (int i = 0; i < WAITERS; i++)
        pthread_create(&threads[i], NULL, take_one, NULL);
    await_waiters(&is_filled, WAITERS);
    im_mutex_with(b, &box) b->filled = 1;
    im_condvar_notify_one(&is_filled);
    im_mutex_with(b, &box) im_condvar_wait_while(&is_empty, &box, now, now->taken != 1);
    await_waiters(&is_filled, WAITERS - 1);
    im_mutex_with(b, &box)
    {
        b->filled = WAITERS - 1;
        im_condvar_notify_all(&is_filled);
    }
    for (int i = 0; i < WAITERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_mutex_get_mut(&box)->taken, WAITERS);
    im_condvar_destroy(&is_filled);
}

static long numbers[WAITERS];

static void *take_one_known(void *argument)
{
    im_sync_store((long *)argument, im_sync_thread_number(), memory_order_release);
    return take_one(NULL);
}

static bool sleeps(long thread)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/self/task/%ld/stat", thread);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
    fclose(file);
    return state == 'S';
}

/* All but the one that was woken sleep at the mutex, before anybody could have had it. */
Test(condvar, notify_all_wakes_no_herd)
{
    if (!IM__MUTEX_OPS(&box)->lock_moved)
        return;
    pthread_t threads[WAITERS];
    for (int i = 0; i < WAITERS; i++)
        pthread_create(&threads[i], NULL, take_one_known, &numbers[i]);
    await_waiters(&is_filled, WAITERS);
    for (int i = 0; i < WAITERS; i++)
        while (!sleeps(im_sync_load(&numbers[i], memory_order_acquire)))
            sched_yield();
    im_mutex_with(b, &box)
    {
        b->filled = WAITERS;
        im_condvar_notify_all(&is_filled);
        cr_assert_eq(im_sync_wake(&is_filled.im_value.sequence, IM_SYNC_ALL), 0);
        cr_assert_geq(im_sync_wake((const uint32_t *)(const void *)&box, IM_SYNC_ALL), WAITERS - 1);
    }
    for (int i = 0; i < WAITERS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_mutex_get_mut(&box)->taken, WAITERS);
    cr_assert_eq(is_filled.im_value.sequence & IM__CONDVAR_MOVED, 0);
}

/* Who gives up where it was moved to has the mutex when it returns, and takes nobody's wake-up with it. */
static void *give_up(void *argument)
{
    im_mutex_with(b, &box)
    {
        int error = im_condvar_wait_while_for(&is_filled, &box, MS, now, now->filled == 0);
        cr_assert(error == 0 || error == ETIMEDOUT);
        cr_assert_geq(b->filled, 0);
    }
    return argument;
}

Test(condvar, who_is_moved_gives_up_in_time)
{
    for (int round = 0; round < 20; round++) {
        pthread_t threads[WAITERS];
        for (int i = 0; i < WAITERS; i++)
            pthread_create(&threads[i], NULL, i % 2 ? give_up : take_one, NULL);
        im_mutex_with(b, &box)
        {
            b->filled = WAITERS / 2;
            im_condvar_notify_all(&is_filled);
            for (uint64_t end_ns = im_sync_now_ns() + MS; im_sync_now_ns() < end_ns;)
                sched_yield();
        }
        for (int i = 0; i < WAITERS; i++)
            pthread_join(threads[i], NULL);
    }
    cr_assert_eq(im_mutex_get_mut(&box)->filled, 0);
    im_condvar_destroy(&is_filled);
}

Test(condvar, two_mutexes_at_once_panic)
{
    static box_mutex other;
    pthread_t thread;
    pthread_create(&thread, NULL, take_one, NULL);
    await_waiters(&is_filled, 1);
    im_mutex_lock(&other);
    ASSERT_PANICS(im_condvar_wait(&is_filled, &other), "cannot wait `other`: others wait there with another mutex");
    cr_assert(im_mutex_is_locked(&other));
    ASSERT_PANICS(im_condvar_destroy(&is_filled), "cannot destroy `is_filled`: somebody waits there");
    im_mutex_with(b, &box) b->filled = 1;
    im_condvar_notify_all(&is_filled);
    pthread_join(thread, NULL);
    cr_assert_eq(im_condvar_wait_for(&is_filled, &other, 1000), ETIMEDOUT, "one after the other is right");
    im_mutex_unlock(&other);
}

/* A box for one thing, many who put and many who take: each notification counts. */
enum { PAIRS = 3, TIMES = 3000 };

static void *put_things(void *argument)
{
    (void)argument;
    for (int i = 0; i < TIMES; i++) {
        im_mutex_with(b, &box)
        {
            im_condvar_wait_while(&is_empty, &box, now, now->filled == 1);
            b->filled = 1;
        }
        im_condvar_notify_one(&is_filled);
    }
    return NULL;
}

static void *take_things(void *argument)
{
    (void)argument;
    for (int i = 0; i < TIMES; i++)
        take_one(NULL);
    return NULL;
}

Test(condvar, nothing_is_missed)
{
    pthread_t threads[2 * PAIRS];
    for (int i = 0; i < 2 * PAIRS; i++)
        pthread_create(&threads[i], NULL, i % 2 ? put_things : take_things, NULL);
    for (int i = 0; i < 2 * PAIRS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_mutex_get_mut(&box)->taken, PAIRS * TIMES);
    cr_assert_eq(im_mutex_get_mut(&box)->filled, 0);
}

/* ------------------------------------------------------------------------------------------------------- poison */

static void *poison_it(void *argument)
{
    if (IM__MUTEX_OPS(&box)->set_poisoned) {
        im_mutex_with(b, &box) IM__MUTEX_OPS(&box)->set_poisoned(&box, IM_PLACE("box"));
    }
    im_condvar_notify_all(&is_filled);
    return argument;
}

Test(condvar, poison_that_comes_during_a_wait_panics)
{
    if (!IM__MUTEX_OPS(&box)->set_poisoned)
        return;
    pthread_t thread;
    im_mutex_lock(&box);
    pthread_create(&thread, NULL, poison_it, NULL);
    ASSERT_PANICS_LIKE(for (;;) im_condvar_wait(&is_filled, &box), "cannot wait `box`: it is poisoned");
    cr_assert_not(im_mutex_is_locked(&box));
    pthread_join(thread, NULL);
}
