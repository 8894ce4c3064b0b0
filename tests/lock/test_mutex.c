/* SPDX-License-Identifier: MIT */
/* Rows L1, L2: what every mutex does, whatever its raw lock: -DRAW=… -fexceptions. */
#include "../cell/panics.h"

#include <pthread.h>
#include <sched.h>

#include <intermut/mutex.h>

struct account {
    long cents, moves;
};
typedef im_mutex_of(RAW, struct account) account_mutex;
typedef im_mutex_of(RAW, int) int_mutex;
typedef im_mutex_of(RAW, char) char_mutex;

#define MS UINT64_C(1000000)

/* ---------------------------------------------------------------------------------------------------- one thread */

Test(mutex, lock_gives_the_value_and_unlock_takes_it_back)
{
    account_mutex account = IM_MUTEX_INIT({5, 0});
    const account_mutex *shared = &account;
    struct account *a = im_mutex_lock(shared);
    cr_assert_eq(a->cents, 5);
    a->cents = 7;
    cr_assert(im_mutex_is_locked(shared));
    im_mutex_unlock(shared);
    cr_assert_not(im_mutex_is_locked(shared));
    cr_assert_eq(im_mutex_get_mut(&account)->cents, 7);
    cr_assert_eq(im_mutex_into_inner(&account).cents, 7);
    im_mutex_destroy(&account);
}

Test(mutex, a_zeroed_one_is_unlocked_and_moves_by_its_bytes)
{
    static int_mutex zeroed;
    *im_mutex_lock(&zeroed) = 3;
    im_mutex_unlock(&zeroed);
    int_mutex moved = zeroed;
    cr_assert_eq(*im_mutex_lock(&moved), 3);
    im_mutex_unlock(&moved);
}

Test(mutex, try_lock_says_no_while_it_is_held)
{
    int_mutex mutex = IM_MUTEX_INIT(1);
    int *value = im_mutex_try_lock(&mutex);
    cr_assert_not_null(value);
    cr_assert_null(im_mutex_try_lock(&mutex));
    im_mutex_unlock(&mutex);
    cr_assert_eq(im_mutex_try_lock(&mutex), value);
    im_mutex_unlock(&mutex);
}

Test(mutex, time_outs_of_any_length)
{
    int_mutex mutex = IM_MUTEX_INIT(1);
    const uint64_t past = 1, now = im_sync_now_ns();
    cr_assert_not_null(im_mutex_lock_until(&mutex, past), "free: even if it is too late");
    cr_assert_null(im_mutex_lock_until(&mutex, past));
    cr_assert_null(im_mutex_lock_until(&mutex, 0));
    cr_assert_null(im_mutex_lock_for(&mutex, 0));
    uint64_t before = im_sync_now_ns();
    cr_assert_null(im_mutex_lock_until(&mutex, now + 3 * MS));
    cr_assert_geq(im_sync_now_ns(), now + 3 * MS);
    cr_assert_null(im_mutex_lock_for(&mutex, 2 * MS));
    cr_assert_geq(im_sync_now_ns(), before + 2 * MS);
    im_mutex_unlock(&mutex);
    cr_assert_not_null(im_mutex_lock_for(&mutex, UINT64_MAX));
    im_mutex_unlock(&mutex);
    cr_assert_not_null(im_mutex_lock_until(&mutex, UINT64_MAX - 1));
    im_mutex_unlock(&mutex);
    cr_assert_not_null(im_mutex_lock_until(&mutex, UINT64_MAX));
    im_mutex_unlock(&mutex);
}

static long leave_by_return(const account_mutex *account)
{
    im_mutex_with(a, account)
    {
        if (a->cents > 0)
            return a->cents;
    }
    return -1;
}

Test(mutex, a_block_is_left_cleanly_by_any_way)
{
    account_mutex account = IM_MUTEX_INIT({1, 0});
    im_mutex_with(a, &account) a->moves++;
    cr_assert_not(im_mutex_is_locked(&account));
    for (int i = 0; i < 2; i++) {
        im_mutex_with(a, &account)
        {
            if (i == 1)
                continue;
            a->moves++;
        }
        cr_assert_not(im_mutex_is_locked(&account));
    }
    cr_assert_eq(im_mutex_get_mut(&account)->moves, 2);
    if (IM__MUTEX_OPS(&account)->is_poisoned_by_early_ends)
        return;
    im_mutex_with(a, &account)
    {
        a->moves++;
        break;
    }
    cr_assert_not(im_mutex_is_locked(&account));
    cr_assert_eq(leave_by_return(&account), 1);
    cr_assert_not(im_mutex_is_locked(&account));
    im_mutex_with(a, &account)
    {
        if (a->cents)
            goto out;
    }
out:
    cr_assert_not(im_mutex_is_locked(&account));
}

Test(mutex, try_blocks_have_an_else)
{
    account_mutex account = IM_MUTEX_INIT({0});
    int no = 0;
    im_mutex_try_with(a, &account)
    {
        a->moves++;
        im_mutex_try_with(b, &account) b->moves += 100;
        else no++;
        im_mutex_try_with_for(b, &account, 1000) b->moves += 100;
        else no++;
        im_mutex_try_with_until(b, &account, 1) b->moves += 100;
        else no++;
    }
    else cr_assert_fail();
    im_mutex_try_with_for(b, &account, MS) b->moves++;
    else no++;
    im_mutex_try_with_until(b, &account, im_lock_deadline(MS)) b->moves++;
    else no++;
    cr_assert_eq(no, 3);
    cr_assert_eq(im_mutex_get_mut(&account)->moves, 3);
}

Test(mutex, blocks_nest_in_one_line)
{
    int_mutex one = IM_MUTEX_INIT(1), two = IM_MUTEX_INIT(2);
    im_mutex_with(a, &one) im_mutex_with(b, &two) *a += *b;
    cr_assert_eq(*im_mutex_get_mut(&one), 3);
}

Test(mutex, an_unlocked_block_is_without_the_lock)
{
    account_mutex account = IM_MUTEX_INIT({0});
    im_mutex_with(a, &account)
    {
        im_mutex_unlocked(&account)
        {
            cr_assert_not(im_mutex_is_locked(&account));
            im_mutex_with(b, &account) b->moves = 5;
        }
        cr_assert(im_mutex_is_locked(&account));
        cr_assert_eq(a->moves, 5);
        im_mutex_unlocked(&account) break;
        cr_assert(im_mutex_is_locked(&account));
    }
    cr_assert_not(im_mutex_is_locked(&account));
}

Test(mutex, two_locks_in_either_order)
{
    account_mutex pair[2] = {IM_MUTEX_INIT({10, 0}), IM_MUTEX_INIT({20, 0})};
    for (int i = 0; i < 2; i++) {
        im_lock2(from, &pair[i], to, &pair[1 - i])
        {
            from->cents -= 1 + i;
            to->cents += 1 + i;
            cr_assert(im_mutex_is_locked(&pair[0]) && im_mutex_is_locked(&pair[1]));
        }
        cr_assert(!im_mutex_is_locked(&pair[0]) && !im_mutex_is_locked(&pair[1]));
    }
    cr_assert_eq(im_mutex_get_mut(&pair[0])->cents, 11);
    cr_assert_eq(im_mutex_get_mut(&pair[1])->cents, 19);
    char_mutex other = IM_MUTEX_INIT('x');
    im_lock2(a, &pair[0], c, &other) cr_assert_eq(a->cents + *c, 11 + 'x');
}

Test(mutex, operands_are_evaluated_once)
{
    int_mutex mutexes[3] = {IM_MUTEX_INIT(0), IM_MUTEX_INIT(0), IM_MUTEX_INIT(0)};
    int i = 0, j = 1, times = 0;
    *im_mutex_lock(&mutexes[i++]) = 1;
    im_mutex_unlock(&mutexes[--i]);
    im_mutex_with(a, &mutexes[i++])(*a)++;
    im_lock2(a, &mutexes[i++], b, &mutexes[++j])(*a)++, (*b)++;
    cr_assert_eq(i, 2);
    cr_assert_eq(j, 2);
    im_mutex_try_with_for(a, &mutexes[0], (times++, 0))(*a)++;
    cr_assert_eq(times, 1);
    cr_assert_eq(im_mutex_into_inner(&mutexes[0]), 3);
}

/* -------------------------------------------------------------------------------------------------- broken rules */

Test(mutex, unlock_of_what_is_not_locked_panics)
{
    int_mutex mutex = IM_MUTEX_INIT(0);
    ASSERT_PANICS(im_mutex_unlock(&mutex), "cannot unlock `mutex`: it is not locked");
    ASSERT_PANICS(im_mutex_unlock_fair(&mutex), "cannot unlock_fair `mutex`: it is not locked");
    ASSERT_PANICS(im_mutex_bump(&mutex), "cannot bump `mutex`: it is not locked");
    cr_assert_not_null(im_mutex_try_lock(&mutex), "and it works as before");
    im_mutex_unlock(&mutex);
}

Test(mutex, what_is_locked_does_not_end)
{
    int_mutex mutex = IM_MUTEX_INIT(0);
    im_mutex_lock(&mutex);
    ASSERT_PANICS(im_mutex_destroy(&mutex), "cannot destroy `mutex`: it is locked");
    ASSERT_PANICS((void)im_mutex_get_mut(&mutex), "cannot get_mut `mutex`: it is locked");
    ASSERT_PANICS((void)im_mutex_into_inner(&mutex), "cannot into_inner `mutex`: it is locked");
    im_mutex_unlock(&mutex);
}

Test(mutex, one_lock_twice_panics)
{
    int_mutex mutex = IM_MUTEX_INIT(0);
    ASSERT_PANICS(im_lock2(a, &mutex, b, &mutex) *a = *b, "cannot lock `mutex` and `mutex`: they are one lock");
    cr_assert_not(im_mutex_is_locked(&mutex));
}

Test(mutex, errno_stays)
{
    int_mutex mutex = IM_MUTEX_INIT(0);
    errno = 77;
    im_mutex_lock(&mutex);
    cr_assert_null(im_mutex_lock_for(&mutex, 1000));
    im_mutex_unlock_fair(&mutex);
    cr_assert_eq(errno, 77);
}

/* ------------------------------------------------------------------------------------------------------- threads */

enum { THREADS = 4, TIMES = 20000 };

static account_mutex bank;

static void *move_money(void *argument)
{
    unsigned kind = (unsigned)(uintptr_t)argument;
    for (unsigned i = 0; i < TIMES; i++) {
        switch ((i + kind) % 5) {
        case 0: {
            struct account *a = im_mutex_lock(&bank);
            a->cents++, a->moves++;
            if (i % 16 == 0)
                im_mutex_bump(&bank);
            im_mutex_unlock(&bank);
            break;
        }
        case 1:
            im_mutex_with(a, &bank) a->cents++, a->moves++;
            break;
        case 2:
            for (bool is_done = false; !is_done;) {
                im_mutex_try_with(a, &bank)
                {
                    a->cents++, a->moves++;
                    im_mutex_unlocked(&bank) sched_yield();
                    is_done = true;
                }
                else sched_yield();
            }
            break;
        case 3:
            for (bool is_done = false; !is_done;)
                im_mutex_try_with_for(a, &bank, 20000) a->cents++, a->moves++, is_done = true;
            break;
        case 4: {
            struct account *a = im_mutex_lock(&bank);
            a->cents++, a->moves++;
            if (i % 64 == 0)
                im_mutex_unlock_fair(&bank);
            else
                im_mutex_unlock(&bank);
            break;
        }
        }
    }
    return NULL;
}

Test(mutex, no_change_is_lost)
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, move_money, (void *)i);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_mutex_get_mut(&bank)->cents, THREADS * TIMES);
    cr_assert_eq(im_mutex_get_mut(&bank)->moves, THREADS * TIMES);
}

/* -------------------------------------------------------------------------------------------------- cancellation */

static int_mutex cancelled;

static void *sleep_inside(void *argument)
{
    im_mutex_with(value, &cancelled)
    {
        *value = 1;
        im_sync_store((int *)argument, 1, memory_order_release);
        for (;;)
            pthread_testcancel();
    }
    return NULL;
}

Test(mutex, a_block_ends_with_its_thread)
{
    pthread_t thread;
    int inside = 0;
    pthread_create(&thread, NULL, sleep_inside, &inside);
    while (!im_sync_load(&inside, memory_order_acquire))
        sched_yield();
    cr_assert_null(im_mutex_try_lock(&cancelled));
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    cr_assert_not(im_mutex_is_locked(&cancelled));
    cr_assert_eq(*im_mutex_lock_anyway(&cancelled), 1);
    im_mutex_unlock(&cancelled);
}
