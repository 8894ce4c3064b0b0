/* SPDX-License-Identifier: MIT */
/* Row S1: updates by expression, block and function; and that one which is left changes nothing. -fexceptions. */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/seqlock.h>

struct account {
    long euros, cents, entries;
};
typedef im_seqlock(struct account) account_cell;
typedef im_single_seqlock(struct account) account_single;

static account_cell account;

static void check_account(long euros, long entries)
{
    struct account now;
    cr_assert(im_seqlock_try_load(&account, &now), "the sequence is left odd");
    cr_assert_eq(now.euros, euros);
    cr_assert_eq(now.entries, entries);
}

static int deposit(const account_cell *to, long euros, bool refuse)
{
    im_seqlock_with(a, to)
    {
        a->entries++;
        if (refuse)
            return -1;
        a->euros += euros;
    }
    return 0;
}

Test(update, a_block_that_ends_is_stored)
{
    cr_assert_eq(deposit(&account, 5, false), 0);
    check_account(5, 1);
}

Test(update, a_block_that_is_returned_from_changes_nothing)
{
    cr_assert_eq(deposit(&account, 5, true), -1);
    check_account(0, 0);
}

Test(update, a_block_that_is_broken_changes_nothing_and_ends_only_itself)
{
    int rounds = 0;
    for (; rounds < 3; rounds++) {
        im_seqlock_with(a, &account)
        {
            a->entries++;
            break;
        }
    }
    cr_assert_eq(rounds, 3);
    check_account(0, 0);
}

Test(update, a_block_that_is_continued_is_stored_once)
{
    int rounds = 0;
    for (; rounds < 3; rounds++) {
        im_seqlock_with(a, &account)
        {
            a->entries++;
            if (rounds >= 0)
                continue;
            a->euros = 99;
        }
    }
    cr_assert_eq(rounds, 3);
    check_account(0, 3);
}

Test(update, a_block_that_is_left_by_goto_changes_nothing)
{
    im_seqlock_with(a, &account)
    {
        a->entries++;
        goto outside;
    }
    cr_assert_fail("went on");
outside:
    check_account(0, 0);
}

Test(update, leaving_disturbs_no_reader)
{
    uint64_t read = im_seqcount_read_begin(&account.im_lock.count);
    (void)deposit(&account, 5, true);
    cr_assert_not(im_seqcount_read_retry(&account.im_lock.count, read));
    (void)deposit(&account, 5, false);
    cr_assert(im_seqcount_read_retry(&account.im_lock.count, read));
}

static long withdraw(const account_cell *from, long euros)
{
    return im_seqlock_update(from, a, ({
                                 if (a.euros < euros)
                                     return -1;
                                 a.euros -= euros;
                                 a;
                             }))
        .euros;
}

Test(update, an_expression_that_leaves_changes_nothing)
{
    im_seqlock_store(&account, ((struct account){.euros = 7}));
    cr_assert_eq(withdraw(&account, 8), -1);
    check_account(7, 0);
    cr_assert_eq(withdraw(&account, 5), 2);
    check_account(2, 0);
}

static void add_entries(struct account *a, void *count)
{
    a->entries += *(long *)count;
}

Test(update, by_a_function)
{
    long count = 4;
    im_seqlock_update_by(&account, add_entries, &count);
    im_seqlock_update_by(&account, &add_entries, &count);
    check_account(0, 8);
    account_single single = IM_SEQLOCK_INIT({.entries = 1});
    im_seqlock_update_by(&single, add_entries, &count);
    cr_assert_eq(im_seqlock_load(&single).entries, 5);
}

Test(update, of_a_single_writer_is_left_alike)
{
    account_single single = IM_SEQLOCK_INIT({.entries = 1});
    im_seqlock_with(a, &single)
    {
        a->entries = 2;
        break;
    }
    cr_assert_eq(im_seqlock_load(&single).entries, 1);
    im_seqlock_with(a, &single) a->entries = 3;
    cr_assert_eq(im_seqlock_load(&single).entries, 3);
}

static void *be_cancelled(void *inside)
{
    im_seqlock_with(a, &account)
    {
        a->euros = 1000;
        im_sync_store((int *)inside, 1, memory_order_release);
        for (;;)
            pthread_testcancel();
    }
    return NULL;
}

Test(update, a_thread_that_is_cancelled_inside_changes_nothing)
{
    int inside = 0;
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, be_cancelled, &inside), 0);
    while (!im_sync_load(&inside, memory_order_acquire)) /* release: be_cancelled() */
        im_sync_yield();
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    check_account(0, 0);
    cr_assert_eq(deposit(&account, 5, false), 0);
    check_account(5, 1);
}

static void *exit_inside(void *unused)
{
    im_seqlock_update(&account, a, ({
        a.euros = 1000;
        pthread_exit(unused);
        a;
    }));
    return NULL;
}

Test(update, a_thread_that_exits_inside_changes_nothing)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, exit_inside, NULL), 0);
    pthread_join(thread, NULL);
    check_account(0, 0);
}
