/* SPDX-License-Identifier: MIT */
/*
 * Rows L4 and L5 across threads: who is first by each policy, what starves and what does not, counted in sections;
 * downgrade and upgrade; waits that end too late; signals, cancellation, fork.
 *
 * A thread "sleeps" when it is in the lock's queue: the order of what follows is then the policy's alone.
 */
#include "rwlocks.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void join(pthread_t thread)
{
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

/* ---- Who is first ---- */

TEST_EACH_POLICY(order, when_a_writer_leaves)
{
    (void)im_rwlock_write(&shared);
    pthread_t w = start_sleeper(write_and_note, "w"), r = start_sleeper(read_and_note, "r");
    im_rwlock_write_unlock(&shared);
    join(w);
    join(r);
    ASSERT_ORDER(policy == IM_RWLOCK_WRITER_PREFERRING ? "wr" : "rw");
}

/* Readers that come while a writer waits for another reader. */
TEST_EACH_POLICY(order, behind_a_waiting_writer)
{
    (void)im_rwlock_read(&shared);
    pthread_t w = start_sleeper(write_and_note, "w"), r;
    if (policy == IM_RWLOCK_READER_PREFERRING) {
        r = start(read_and_note, "r");
        join(r);
        cr_assert_not_null(im_rwlock_try_read(&shared));
        im_rwlock_read_unlock(&shared);
        im_rwlock_read_unlock(&shared);
    } else {
        cr_assert_null(im_rwlock_try_read(&shared));
        cr_assert_null(im_rwlock_try_upgradable_read(&shared));
        r = start_sleeper(read_and_note, "r");
        im_rwlock_read_unlock(&shared);
        join(r);
    }
    join(w);
    ASSERT_ORDER(policy == IM_RWLOCK_READER_PREFERRING ? "rw" : "wr");
}

TEST_EACH_POLICY(order, writers_among_themselves_as_they_came)
{
    (void)im_rwlock_read(&shared);
    pthread_t one = start_sleeper(write_and_note, "1"), two = start_sleeper(write_and_note, "2"),
              three = start_sleeper(write_and_note, "3");
    im_rwlock_read_unlock(&shared);
    join(one);
    join(two);
    join(three);
    ASSERT_ORDER("123");
}

/* A reader that sleeps lets one writer go first at most, or readers none, or all of them. */
TEST_EACH_POLICY(order, a_reader_among_writers)
{
    (void)im_rwlock_write(&shared);
    pthread_t one = start_sleeper(write_and_note, "1"), two = start_sleeper(write_and_note, "2"),
              r = start_sleeper(read_and_note, "r"), three = start_sleeper(write_and_note, "3");
    im_rwlock_write_unlock(&shared);
    join(r);
    join(one);
    join(two);
    join(three);
    ASSERT_ORDER(policy == IM_RWLOCK_WRITER_PREFERRING ? "123r" : "r123");
}

TEST_EACH_POLICY(order, upgradable_readers_one_after_the_other)
{
    (void)im_rwlock_upgradable_read(&shared);
    pthread_t one = start_sleeper(upgradable_and_note, "1"), two = start_sleeper(upgradable_and_note, "2");
    cr_assert_not_null(im_rwlock_try_read(&shared));
    im_rwlock_read_unlock(&shared);
    im_rwlock_upgradable_unlock(&shared);
    join(one);
    join(two);
    ASSERT_ORDER("12");
}

TEST_EACH_POLICY(order, a_recursive_read_waits_behind_no_writer)
{
    (void)im_rwlock_read(&shared);
    pthread_t w = start_sleeper(write_and_note, "w");
    cr_assert_not_null(im_rwlock_read_recursive(&shared));
    cr_assert_not_null(im_rwlock_try_read_recursive(&shared));
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(been_in, 0);
        im_rwlock_read_unlock(&shared);
    }
    join(w);
}

static void *read_recursive_and_note(void *name)
{
    (void)im_rwlock_read_recursive(&shared);
    note(*(const char *)name);
    im_rwlock_read_unlock(&shared);
    return NULL;
}

TEST_EACH_POLICY(order, a_recursive_read_that_sleeps_is_before_writers_that_sleep)
{
    (void)im_rwlock_write(&shared);
    pthread_t w = start_sleeper(write_and_note, "w"), r = start_sleeper(read_recursive_and_note, "r");
    im_rwlock_write_unlock(&shared);
    join(w);
    join(r);
    ASSERT_ORDER("rw");
}

/* ---- Nobody starves who shall not, counted in sections of others ---- */

enum { OTHERS = 3, SECTIONS = 50 };
static uint32_t sections_of_others, is_over;

static void *read_on_and_on(void *unused)
{
    while (!im_sync_load(&is_over, memory_order_relaxed))
        im_rwlock_with_read(p, &shared) im_sync_fetch_add(&sections_of_others, 1, memory_order_relaxed);
    return unused;
}

static void *write_on_and_on(void *unused)
{
    while (!im_sync_load(&is_over, memory_order_relaxed))
        im_rwlock_with_write(p, &shared) im_sync_fetch_add(&sections_of_others, 1, memory_order_relaxed);
    return unused;
}

/* One `victim` section after the other, while others never pause. Ends at all if the victim does not starve. */
static void against_others(void *(*others)(void *), void (*victim)(void))
{
    pthread_t threads[OTHERS];
    im_sync_store(&is_over, 0, memory_order_relaxed);
    for (int i = 0; i < OTHERS; i++)
        threads[i] = start(others, NULL);
    for (int i = 0; i < SECTIONS; i++) {
        uint32_t before = im_sync_load(&sections_of_others, memory_order_relaxed);
        while (im_sync_load(&sections_of_others, memory_order_relaxed) == before)
            im_sync_yield();
        victim();
    }
    im_sync_store(&is_over, 1, memory_order_relaxed);
    for (int i = 0; i < OTHERS; i++)
        join(threads[i]);
}

static void write_once(void)
{
    im_rwlock_with_write(p, &shared) p->left++;
}

static void read_once(void)
{
    im_rwlock_with_read(p, &shared) cr_assert_eq(p->right, 2);
}

TEST_EACH_POLICY(starvation, a_writer_under_readers_that_never_stop)
{
    if (policy != IM_RWLOCK_READER_PREFERRING)
        against_others(read_on_and_on, write_once);
}

TEST_EACH_POLICY(starvation, a_reader_under_writers_that_never_stop)
{
    if (policy != IM_RWLOCK_WRITER_PREFERRING)
        against_others(write_on_and_on, read_once);
}

TEST_EACH_POLICY(starvation, a_writer_under_writers_that_never_stop)
{
    against_others(write_on_and_on, write_once);
}

static uint32_t others_when_in;

static void *write_and_count(void *unused)
{
    im_rwlock_with_write(p, &shared) others_when_in = im_sync_load(&sections_of_others, memory_order_relaxed);
    return unused;
}

/* The bound: once a writer sleeps for readers, no reader that comes later is before it; or all of them are. */
TEST_EACH_POLICY(starvation, readers_that_come_later_than_a_writer)
{
    pthread_t threads[OTHERS];
    im_sync_store(&is_over, 1, memory_order_relaxed);
    im_sync_store(&sections_of_others, 0, memory_order_relaxed);
    (void)im_rwlock_read(&shared);
    pthread_t writer = start_sleeper(write_and_count, NULL);
    im_sync_store(&is_over, 0, memory_order_relaxed);
    for (int i = 0; i < OTHERS; i++)
        threads[i] = start(read_on_and_on, NULL);
    if (policy == IM_RWLOCK_READER_PREFERRING) {
        while (im_sync_load(&sections_of_others, memory_order_relaxed) < SECTIONS)
            im_sync_yield();
        im_sync_store(&is_over, 1, memory_order_relaxed);
    } else {
        while (im_raw_rwlock_sleepers(CENTRAL(&shared)) < OTHERS + 1)
            im_sync_yield();
    }
    im_rwlock_read_unlock(&shared);
    join(writer);
    im_sync_store(&is_over, 1, memory_order_relaxed);
    for (int i = 0; i < OTHERS; i++)
        join(threads[i]);
    if (policy == IM_RWLOCK_READER_PREFERRING)
        cr_assert_geq(others_when_in, SECTIONS);
    else
        cr_assert_eq(others_when_in, 0);
}

/* ---- Downgrade and upgrade ---- */

TEST_EACH_POLICY(conversion, no_writer_comes_between_a_write_and_its_downgrade)
{
    struct pair *writing = im_rwlock_write(&shared);
    pthread_t w = start_sleeper(write_and_note, "w"), r = start_sleeper(read_and_note, "r");
    writing->left = 9;
    const struct pair *reading = im_rwlock_downgrade(&shared);
    if (policy == IM_RWLOCK_WRITER_PREFERRING)
        cr_assert_eq(im_raw_rwlock_sleepers(CENTRAL(&shared)), 2);
    else
        join(r);
    cr_assert_eq(reading->left, 9);
    cr_assert_eq(im_sync_load(&been_in, memory_order_relaxed), policy == IM_RWLOCK_WRITER_PREFERRING ? 0 : 1);
    im_rwlock_read_unlock(&shared);
    join(w);
    if (policy == IM_RWLOCK_WRITER_PREFERRING)
        join(r);
    ASSERT_ORDER(policy == IM_RWLOCK_WRITER_PREFERRING ? "wr" : "rw");
}

static void *upgrade_and_note(void *name)
{
    const struct pair *reading = im_rwlock_upgradable_read(&shared);
    int seen = reading->left;
    im_sync_fetch_add(&sections_of_others, 1, memory_order_release);
    struct pair *writing = im_rwlock_upgrade(&shared);
    cr_assert_eq(writing->left, seen);
    writing->left++;
    note(*(const char *)name);
    im_rwlock_write_unlock(&shared);
    return NULL;
}

TEST_EACH_POLICY(conversion, an_upgrade_waits_for_readers_and_is_before_writers)
{
    (void)im_rwlock_read(&shared);
    pthread_t u = start_sleeper(upgrade_and_note, "u");
    /* The first sleep is the upgrade's: nothing else can be in its way. */
    pthread_t w = start_sleeper(write_and_note, "w");
    cr_assert_null(im_rwlock_try_upgradable_read(&shared));
    im_rwlock_read_unlock(&shared);
    join(u);
    join(w);
    ASSERT_ORDER("uw");
    cr_assert_eq(im_rwlock_get_mut(&shared)->left, 2);
}

TEST_EACH_POLICY(conversion, an_upgrade_that_is_too_late_leaves_it_upgradable)
{
    (void)im_rwlock_upgradable_read(&shared);
    (void)!im_rwlock_try_read(&shared);
    pthread_t r = 0;
    cr_assert_null(im_rwlock_upgrade_for(&shared, 2000000));
    cr_assert_null(im_rwlock_try_upgradable_read(&shared));
    r = start(read_and_note, "r");
    join(r);
    im_rwlock_read_unlock(&shared);
    cr_assert_not_null(im_rwlock_upgrade(&shared));
    im_rwlock_write_unlock(&shared);
}

/* ---- Too late ---- */

static void *try_to_write_for_10_ms(void *unused)
{
    cr_assert_null(im_rwlock_write_for(&shared, 10000000));
    return unused;
}

/* The writer's gate opens again, and those behind it are let in. */
TEST_EACH_POLICY(too_late, readers_behind_a_writer_that_gives_up)
{
    if (policy == IM_RWLOCK_READER_PREFERRING)
        return;
    (void)im_rwlock_read(&shared);
    pthread_t w = start(try_to_write_for_10_ms, NULL);
    pthread_t r = start(read_and_note, "r"), u = start(upgradable_and_note, "u");
    join(w);
    join(r);
    join(u);
    cr_assert_not_null(im_rwlock_try_read(&shared));
    im_rwlock_read_unlock(&shared);
    im_rwlock_read_unlock(&shared);
}

static void *try_to_read_for_2_ms(void *unused)
{
    cr_assert_null(im_rwlock_read_for(&shared, 2000000));
    return unused;
}

TEST_EACH_POLICY(too_late, those_who_stay_are_woken_all_the_same)
{
    (void)im_rwlock_write(&shared);
    pthread_t late[4], others[4];
    for (int i = 0; i < 4; i++)
        others[i] = start_sleeper(i % 2 ? write_and_note : read_and_note, "x");
    for (int i = 0; i < 4; i++)
        late[i] = start(try_to_read_for_2_ms, NULL);
    for (int i = 0; i < 4; i++)
        join(late[i]);
    cr_assert_eq(im_raw_rwlock_sleepers(CENTRAL(&shared)), 4);
    im_rwlock_write_unlock(&shared);
    for (int i = 0; i < 4; i++)
        join(others[i]);
    ASSERT_ORDER("xxxx");
}

/* ---- Signals, cancellation, fork, many threads ---- */

static uint32_t signals;

static void count_signal(int number)
{
    (void)number;
    im_sync_fetch_add(&signals, 1, memory_order_relaxed);
}

TEST_EACH_POLICY(disturbed, signals_end_no_wait)
{
    struct sigaction action = {.sa_handler = count_signal}; /* without SA_RESTART */
    sigaction(SIGUSR1, &action, NULL);
    im_sync_store(&signals, 0, memory_order_relaxed);
    (void)im_rwlock_write(&shared);
    pthread_t w = start_sleeper(write_and_note, "w"), r = start_sleeper(read_and_note, "r");
    while (im_sync_load(&signals, memory_order_relaxed) < 200) {
        pthread_kill(w, SIGUSR1);
        pthread_kill(r, SIGUSR1);
        im_sync_yield();
    }
    cr_assert_eq(im_sync_load(&been_in, memory_order_relaxed), 0);
    cr_assert_eq(im_raw_rwlock_sleepers(CENTRAL(&shared)), 2);
    im_rwlock_write_unlock(&shared);
    join(w);
    join(r);
}

static void *be_cancelled_in_a_block(void *write)
{
    if (write)
        im_rwlock_with_write(p, &shared) pthread_exit(NULL);
    im_rwlock_with_read(p, &shared) pthread_exit(NULL);
    return NULL;
}

/* Built with -fexceptions. */
TEST_EACH_POLICY(disturbed, a_thread_that_ends_inside_a_block_leaves_it)
{
    join(start(be_cancelled_in_a_block, NULL));
    join(start(be_cancelled_in_a_block, "write"));
}

TEST_EACH_POLICY(disturbed, a_child_forgets_the_sleepers_of_its_parent)
{
    (void)im_rwlock_write(&shared);
    pthread_t w = start_sleeper(write_and_note, "w"), r = start_sleeper(read_and_note, "r");
    pid_t child = fork();
    if (child == 0) {
        im_rwlock_write_unlock(&shared);
        if (!im_rwlock_try_write(&shared))
            _exit(1);
        if (im_rwlock_read_for(&shared, 1000000))
            _exit(2);
        im_rwlock_write_unlock(&shared);
        _exit(im_rwlock_read(&shared)->left == 1 ? 0 : 3);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    im_rwlock_write_unlock(&shared);
    join(w);
    join(r);
}

/* The writer has closed the gate, which in the child nobody would open. */
TEST_EACH_POLICY(disturbed, a_child_reads_though_a_writer_slept)
{
    (void)im_rwlock_read(&shared);
    pthread_t w = start_sleeper(write_and_note, "w");
    for (int way = 0; way < 2; way++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(10);
            im_rwlock_read_unlock(&shared);
            (void)(way == 0 ? im_rwlock_read(&shared) : im_rwlock_upgradable_read(&shared));
            _exit(0);
        }
        int status;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    }
    im_rwlock_read_unlock(&shared);
    join(w);
}

/* A reader that looks, and does not sleep yet, is counted: here by hand, so that it is at the moment of the fork. */
TEST_EACH_POLICY(disturbed, a_child_has_a_prepared_lock_without_those_who_looked)
{
    im_rwlock_fork_prepare(&shared);
    cr_assert_null(im_rwlock_try_read(&shared));
    pthread_t r = start_sleeper(read_and_note, "r");
    im_sync_fetch_add(im__rwlock_word(CENTRAL(&shared)), 1, memory_order_relaxed);
    pid_t child = fork();
    if (child == 0) {
        im_rwlock_fork_child(&shared);
        for (int i = 0; i < 2; i++) {
            if (!im_rwlock_try_write(&shared))
                _exit(1);
            im_rwlock_write_unlock(&shared);
            if (!im_rwlock_try_read(&shared))
                _exit(2);
            im_rwlock_read_unlock(&shared);
        }
        _exit(CENTRAL(&shared)->state == (uint32_t)policy ? 0 : 3);
    }
    im_sync_fetch_sub(im__rwlock_word(CENTRAL(&shared)), 1, memory_order_relaxed);
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %x", (unsigned)status);
    im_rwlock_fork_parent(&shared);
    join(r);
    cr_assert_not(im_rwlock_is_locked(&shared));
}

static void prepare_shared(void)
{
    im_rwlock_fork_prepare(&shared);
}

static void go_on_in_parent(void)
{
    im_rwlock_fork_parent(&shared);
}

static void go_on_in_child(void)
{
    im_rwlock_fork_child(&shared);
}

static void prepare_forks(void)
{
    static bool is_done;
    if (!is_done)
        is_done = pthread_atfork(prepare_shared, go_on_in_parent, go_on_in_child) == 0;
}

static uint32_t forks_are_over;

/* Reads mostly, so that readers look and sleep when a fork is prepared. */
static void *read_and_write(void *unused)
{
    while (!im_sync_load(&forks_are_over, memory_order_relaxed)) {
        for (int i = 0; i < 50; i++)
            im_rwlock_with_read(p, &shared) cr_assert_eq(p->left, p->right);
        im_rwlock_with_write(p, &shared) p->left++, p->right++;
    }
    return unused;
}

TEST_EACH_POLICY(disturbed, children_of_a_prepared_fork_go_on)
{
    pthread_t threads[3];
    im_rwlock_with_write(p, &shared) p->left = p->right;
    im_sync_store(&forks_are_over, 0, memory_order_relaxed);
    prepare_forks();
    for (int i = 0; i < 3; i++)
        threads[i] = start(read_and_write, NULL);
    int failed = 0;
    for (int i = 0; i < 30; i++) {
        pid_t child = fork();
        if (child == 0) {
            bool is_whole = true;
            for (int j = 0; j < 10; j++) {
                im_rwlock_try_with_write(p, &shared) p->left++, p->right++;
                else _exit(1);
                im_rwlock_try_with_read(p, &shared) is_whole &= p->left == p->right;
                else _exit(2);
            }
            _exit(is_whole ? 0 : 3);
        }
        int status;
        failed += child < 0 || waitpid(child, &status, 0) != child || status != 0;
    }
    im_sync_store(&forks_are_over, 1, memory_order_relaxed);
    for (int i = 0; i < 3; i++)
        join(threads[i]);
    cr_assert_eq(failed, 0);
}

enum { CROWD = 300 };

static void *add_one(void *unused)
{
    im_rwlock_with_read(p, &shared) cr_assert_eq(p->right, 2);
    im_rwlock_with_write(p, &shared) p->left++;
    return unused;
}

TEST_EACH_POLICY(crowd, all_of_many_threads_come_in)
{
    static pthread_t threads[CROWD];
    (void)im_rwlock_write(&shared);
    for (int i = 0; i < CROWD; i++)
        threads[i] = start(add_one, NULL);
    im_rwlock_write_unlock(&shared);
    for (int i = 0; i < CROWD; i++)
        join(threads[i]);
    cr_assert_eq(im_rwlock_get_mut(&shared)->left, CROWD + 1);
}
