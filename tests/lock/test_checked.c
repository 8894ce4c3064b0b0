/* SPDX-License-Identifier: MIT */
/* What the checked build finds, by the places where locks are taken: no lock is needed for that, and no hang. */
#include "checked_locks.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/redirect.h>

static fake a, b, c, d;

static void a_then_b(void)
{
    LOCK(a);
    LOCK(b);
    UNLOCK(b);
    UNLOCK(a);
}

static void b_then_c(void)
{
    LOCK(b);
    LOCK(c);
    UNLOCK(c);
    UNLOCK(b);
}

static void c_then_d(void)
{
    LOCK(c);
    LOCK(d);
    UNLOCK(d);
    UNLOCK(c);
}

static void *a_then_b_elsewhere(void *number)
{
    a_then_b();
    *(long *)number = im_sync_thread_number();
    return NULL;
}

Test(order, the_opposite_is_reported_with_all_places)
{
    a_then_b();
    LOCK(b);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: a_then_b\n"
                            "then B: a_then_b");
}

Test(order, of_another_thread_counts_though_it_has_ended)
{
    long other;
    elsewhere(a_then_b_elsewhere, &other);
    LOCK(b);
    im_panic_set_handler(remember_and_escape);
    if (setjmp(escape) == 0)
        LOCK(a);
    cr_assert_eq(reports, 1);
    cr_assert_eq(reported_threads[0], im_sync_thread_number());
    cr_assert_eq(reported_threads[1], other);
    cr_assert_eq(reported_threads[2], other);
}

Test(order, the_same_again_is_no_danger)
{
    for (int i = 0; i < 3; i++)
        a_then_b();
    LOCK(b);
    UNLOCK(b);
    LOCK(a);
    UNLOCK(a);
    b_then_c();
    LOCK(a);
    LOCK(b);
    LOCK(c);
    LOCK(d);
}

Test(order, over_four_locks)
{
    a_then_b();
    c_then_d();
    b_then_c();
    LOCK(d);
    ASSERT_REPORTS(LOCK(a),
                   "cannot lock `a` (A) while `d` (D) is held: the order was A before B, B before C, C before D\n"
                   "D held: test\n"
                   "A held: a_then_b\n"
                   "then B: a_then_b\n"
                   "B held: b_then_c\n"
                   "then C: b_then_c\n"
                   "C held: c_then_d\n"
                   "then D: c_then_d");
}

Test(order, is_found_behind_every_lock_that_is_held)
{
    a_then_b();
    LOCK(b);
    LOCK(c);
    LOCK(d);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: a_then_b\n"
                            "then B: a_then_b");
}

Test(order, of_several_circles_the_shortest_is_reported_as_often_as_it_comes)
{
    a_then_b();
    b_then_c();
    LOCK(c);
    TRY(b);
    for (int i = 0; i < 3; i++)
        ASSERT_REPORTS(LOCK(a), "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                                "B held: test\n"
                                "A held: a_then_b\n"
                                "then B: a_then_b");
}

Test(order, locks_may_be_released_in_any_order)
{
    LOCK(a);
    LOCK(b);
    UNLOCK(a);
    LOCK(c); /* behind b, but not behind a */
    UNLOCK(c);
    UNLOCK(b);
    DESTROY(b);
    LOCK(c);
    LOCK(a);
    UNLOCK(c);
    ASSERT_REPORTS(LOCK(c), "cannot lock `c` (A) while `a` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: test\n"
                            "then B: test");
}

Test(order, a_try_waits_for_nobody)
{
    a_then_b();
    LOCK(b);
    TRY(a); /* it cannot hang */
    UNLOCK(a);
    UNLOCK(b);
    a_then_b(); /* and has left no order behind */
}

Test(order, what_is_locked_behind_a_try_can_hang)
{
    TRY(b);
    LOCK(a);
    UNLOCK(a);
    UNLOCK(b);
    LOCK(a);
    ASSERT_REPORTS(LOCK(b), "cannot lock `b` (A) while `a` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: test\n"
                            "then B: test");
}

Test(order, of_a_lock_that_ended_is_forgotten)
{
    a_then_b();
    b_then_c();
    DESTROY(b);
    LOCK(b);
    LOCK(a);
    UNLOCK(a);
    UNLOCK(b);
    LOCK(c);
    LOCK(b);
}

Test(order, of_memory_that_becomes_something_else_is_forgotten)
{
    static fake page[4];
    LOCK(page[1]);
    LOCK(a);
    UNLOCK(a);
    UNLOCK(page[1]);
    im_lock_forget(page, sizeof page);
    LOCK(a);
    LOCK(page[1]);
    ASSERT_REPORTS(im_lock_forget(page, sizeof page), "cannot forget `page[1]`: it is locked\nlocked: test");
    im_lock_forget(&page[2], 2 * sizeof page[0]);
}

Test(order, of_locks_that_are_moved_goes_with_them)
{
    static fake old[4], new[4];
    LOCK(old[1]);
    LOCK(old[2]);
    UNLOCK(old[2]);
    UNLOCK(old[1]);
    LOCK(new[2]); /* another lock, which ends where the other one comes to */
    LOCK(a);
    UNLOCK(a);
    UNLOCK(new[2]);
    LOCK(old[3]);
    im_lock_moved(old, new, sizeof old);
    cr_assert_eq(im_lock_holders(&old[3], NULL, 0), 1, "what is held stays");
    UNLOCK(old[3]);
    LOCK(a);
    LOCK(new[2]);
    UNLOCK(a);
    ASSERT_REPORTS(LOCK(new[1]), "cannot lock `new[1]` (A) while `new[2]` (B) is held: the order was A before B\n"
                                 "B held: test\n"
                                 "A held: test\n"
                                 "then B: test");
    UNLOCK(new[2]);
    struct im_lock_stats stats;
    cr_assert_eq(im_lock_stats(&new[1], &stats), 0);
    cr_assert_eq(stats.acquired, 1);
    cr_assert_eq(im_lock_stats(&old[1], &stats), ENOENT);
    DESTROY(new[2]);
    cr_assert_eq(im_lock_stats(&new[2], &stats), ENOENT, "there was one record of it");
    LOCK(old[2]);
    LOCK(old[1]);
}

/* Far enough apart, and close enough together, for the lists that records are in. */
Test(order, of_locks_that_are_moved_to_where_others_were)
{
    enum { ROW = 80 };
    static fake row[ROW + 1];
    struct im_lock_stats stats;
    for (unsigned i = 0; i < ROW; i++) {
        for (unsigned times = 0; times <= i; times++) {
            LOCK(row[i]);
            UNLOCK(row[i]);
        }
    }
    im_lock_moved(row, row + 1, ROW * sizeof *row);
    cr_assert_eq(im_lock_stats(&row[0], &stats), ENOENT);
    for (unsigned i = 0; i < ROW; i++) {
        cr_assert_eq(im_lock_stats(&row[i + 1], &stats), 0);
        cr_assert_eq(stats.acquired, i + 1, "row[%u] has the record of another one: %lu", i,
                     (unsigned long)stats.acquired);
    }
    im_lock_moved(row + 1, row, (ROW - 1) * sizeof *row);
    im_lock_forget(row, 2 * sizeof *row);
    for (unsigned i = 0; i < ROW; i++) {
        const bool is_there = i >= 2 && i != ROW - 1;
        cr_assert_eq(im_lock_stats(&row[i], &stats), is_there ? 0 : ENOENT, "row[%u]", i);
        cr_assert(!is_there || stats.acquired == i + 1);
    }
    cr_assert_eq(im_lock_stats(&row[ROW], &stats), 0, "it was not moved back");
}

/* Reads: which circles can hang */

static void read_a_then(const fake *inner, enum im_lock_mode mode)
{
    READ(a);
    acquire(inner, mode, IM_PLACE("&inner"));
    im_lock_checked_released(inner, mode, NULL);
    UNREAD(a);
}

Test(reads, may_wait_for_each_other_by_way_of_writers)
{
    read_a_then(&b, IM_LOCK_SHARED);
    READ(b);
    ASSERT_REPORTS(READ(a), "cannot read `a` (A) while `b` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: read_a_then\n"
                            "then B: read_a_then");
}

Test(reads, that_are_recursive_wait_for_no_other_read)
{
    read_a_then(&b, IM_LOCK_SHARED_RECURSIVE);
    READ(b);
    READ_AGAIN(a);
}

Test(reads, that_are_recursive_on_one_side_break_the_circle)
{
    read_a_then(&b, IM_LOCK_SHARED_RECURSIVE); /* does not wait for a read of b */
    READ(b);
    READ(a);
}

Test(reads, that_are_recursive_wait_for_a_writer)
{
    read_a_then(&b, IM_LOCK_SHARED_RECURSIVE);
    LOCK(b);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: read_a_then\n"
                            "then B: read_a_then");
}

/* The search comes to b first by a recursive wait, from which a read of b leads nowhere, and then by another one. */
Test(reads, a_circle_behind_a_harmless_way_is_found)
{
    read_a_then(&b, IM_LOCK_SHARED_RECURSIVE);
    read_a_then(&d, IM_LOCK_SHARED_RECURSIVE);
    LOCK(d);
    LOCK(b);
    UNLOCK(b);
    UNLOCK(d);
    READ(b);
    LOCK(c);
    UNLOCK(c);
    UNREAD(b);
    LOCK(c);
    ASSERT_REPORTS(LOCK(a),
                   "cannot lock `a` (A) while `c` (D) is held: the order was A before B, B before C, C before D\n"
                   "D held: test\n"
                   "A held: read_a_then\n"
                   "then B: read_a_then\n"
                   "B held: test\n"
                   "then C: test\n"
                   "C held: test\n"
                   "then D: test");
}

Test(reads, again_by_the_same_thread)
{
    READ(a);
    ASSERT_REPORTS(READ(a),
                   "cannot read `a` again: a writer that comes in between waits for this thread, and it for the "
                   "writer\nread: test");
    READ_AGAIN(a);
    UNREAD(a);
    UNREAD(a);
    READ(a);
}

Test(reads, upgradable_ones_exclude_each_other)
{
    READ_UPGRADABLE(a);
    ASSERT_REPORTS(READ_UPGRADABLE(a), "cannot read `a`: this thread has it already, and would wait for itself\n"
                                       "read: test");
    READ_AGAIN(a);
}

Test(reads, a_release_ends_the_hold_of_its_mode)
{
    struct im_lock_hold holds[2];
    READ_UPGRADABLE(a);
    READ_AGAIN(a);
    UNREAD_UPGRADABLE(a);
    cr_assert_eq(im_lock_holders(&a, holds, 2), 1);
    cr_assert_eq(holds[0].mode, IM_LOCK_SHARED_RECURSIVE);
    UNREAD(a); /* which does not say that it was recursive */
    cr_assert_eq(im_lock_holders(&a, holds, 2), 0);
}

Test(reads, an_upgrade_waits_for_readers)
{
    static const struct im_place place = {"a", {"file.c", "upgrade", 1}};
    READ(a);
    LOCK(b);
    UNLOCK(b);
    UNREAD(a);
    READ_UPGRADABLE(a);
    LOCK(b);
    ASSERT_REPORTS(im_lock_checked_upgrading(&a, &place),
                   "cannot upgrade `a` (A) while `b` (B) is held: the order was A before B\n"
                   "B held: test\n"
                   "A held: test\n"
                   "then B: test");
    UNLOCK(b);
    READ_AGAIN(a);
    ASSERT_REPORTS(im_lock_checked_upgrading(&a, &place),
                   "cannot upgrade `a`: this thread reads it as well, and would wait for itself\nread: test");
    UNREAD(a);
    im_lock_checked_upgrading(&a, &place);
    im_lock_checked_convert(&a, IM_LOCK_UPGRADABLE, IM_LOCK_EXCLUSIVE, &place);
    struct im_lock_hold holds[2];
    cr_assert_eq(im_lock_holders(&a, holds, 2), 1);
    cr_assert_eq(holds[0].mode, IM_LOCK_EXCLUSIVE);
    im_lock_checked_convert(&a, IM_LOCK_EXCLUSIVE, IM_LOCK_SHARED, &place);
    UNREAD(a);
    cr_assert_eq(im_lock_holders(&a, holds, 2), 0);
}

/* One lock */

Test(self, a_lock_that_this_thread_has)
{
    LOCK(a);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a`: this thread has it already, and would wait for itself\nlocked: test");
    ASSERT_REPORTS(READ(a), "cannot read `a`: this thread has it already, and would wait for itself\nlocked: test");
    UNLOCK(a);
    READ(a);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a`: this thread has it already, and would wait for itself\nread: test");
    UNREAD(a);
    LOCK(a);
}

Test(self, a_reentrant_lock_is_entered_again)
{
    ENTER(a);
    LOCK(b);
    ENTER(a); /* not behind b: this thread has it */
    ENTER(a);
    struct im_lock_hold holds[4];
    struct im_lock_stats stats;
    cr_assert_eq(im_lock_stats(&a, &stats), 0);
    cr_assert_eq(stats.contended, 0);
    cr_assert_eq(im_lock_holders(&a, holds, 4), 3);
    LEAVE(a);
    LEAVE(a);
    LEAVE(a);
    cr_assert_eq(im_lock_holders(&a, holds, 4), 0);
    ASSERT_REPORTS(ENTER(a), "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                             "B held: test\n"
                             "A held: test\n"
                             "then B: test");
}

static void *unlock_a(void *unused)
{
    if (setjmp(escape) == 0)
        UNLOCK(a);
    return unused;
}

static void *read_a(void *unused)
{
    READ(a);
    im_lock_checked_leaked(&a, IM_LOCK_EXCLUSIVE, NULL);
    return unused;
}

Test(release, by_a_thread_that_does_not_hold_it)
{
    LOCK(a);
    im_panic_set_handler(remember_and_escape);
    elsewhere(unlock_a, NULL);
    cr_assert_str_eq(reported, "cannot unlock `a`: not this thread has it, but another one\nlocked: test");
    UNLOCK(a);
    elsewhere(unlock_a, NULL);
    cr_assert_eq(reports, 1); /* the lock itself knows that nobody has it */
}

Test(release, of_what_is_leaked_is_for_everybody)
{
    im_panic_set_handler(remember_and_escape);
    LOCK(a);
    im_lock_checked_leaked(&a, IM_LOCK_EXCLUSIVE, NULL);
    cr_assert(!im_lock_checked_is_mine(&a));
    cr_assert_eq(im_lock_holders(&a, NULL, 0), 1);
    elsewhere(unlock_a, NULL);
    cr_assert_eq(im_lock_holders(&a, NULL, 0), 0);
    elsewhere(read_a, NULL);
    DESTROY(a);
    cr_assert_eq(reports, 0);
}

Test(release, a_function_can_insist_on_its_lock)
{
    ASSERT_REPORTS(im_lock_assert_held(&a), "this thread does not hold `a`");
    LOCK(a);
    im_lock_assert_held(&a);
    im_lock_checked_leaked(&a, IM_LOCK_EXCLUSIVE, NULL);
    ASSERT_REPORTS(im_lock_assert_held(&a), "this thread does not hold `a`\nlocked: test");
}

Test(destroy, while_it_is_held)
{
    READ(a);
    READ_AGAIN(a);
    ASSERT_REPORTS(DESTROY(a), "cannot destroy `a`: it is locked\nread: test\nread: test");
    UNREAD(a);
    UNREAD(a);
    DESTROY(a);
    DESTROY(a);
}

/* Plain code, which calls none of the hooks */

static const struct im_place lock_a = {"a", {"file.c", "lock_a", 1}};

Test(plain, what_it_locked_may_be_released)
{
    im_panic_set_handler(remember);
    UNLOCK(a); /* never seen */
    LOCK(a);
    UNLOCK(a);
    UNLOCK(a); /* seen before */
    UNREAD(a);
}

static void *lock_a_and_stay_silent(void *unused)
{
    LOCK(a); /* and plain code releases it */
    im_lock_checked_seen_free(&a);
    LOCK(a);
    UNLOCK(a);
    return unused;
}

Test(plain, what_it_released_is_noticed_when_the_lock_is_seen_free)
{
    elsewhere(lock_a_and_stay_silent, NULL);
    LOCK(a);
    cr_assert(im_lock_checked_is_mine(&a));
}

static pthread_barrier_t barrier;

static void *lock_a_for_long(void *unused)
{
    for (int i = 0; i < 2; i++) {
        im_lock_checked_acquired(&a, IM_LOCK_EXCLUSIVE, false, &lock_a);
        pthread_barrier_wait(&barrier); /* plain code releases it now */
        pthread_barrier_wait(&barrier);
    }
    im_lock_checked_seen_free(&a);
    return unused;
}

Test(plain, what_it_released_is_noticed_when_another_thread_has_it)
{
    pthread_t thread;
    struct im_lock_hold holds[2];
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, lock_a_for_long, NULL);
    pthread_barrier_wait(&barrier);
    cr_assert_eq(im_lock_holders(&a, holds, 2), 1);
    cr_assert_eq(holds[0].place, &lock_a);
    cr_assert_neq(holds[0].thread, im_sync_thread_number());
    LOCK(a);
    cr_assert_eq(im_lock_holders(&a, holds, 2), 1);
    cr_assert_eq(holds[0].thread, im_sync_thread_number());
    UNLOCK(a);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    cr_assert_neq((im_lock_holders(&a, holds, 2), holds[0].thread), im_sync_thread_number());
    UNLOCK(a); /* locked by plain code: it is known by now that there is some */
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
}

/* Classes */

Test(classes, have_one_name_each)
{
    cr_assert_eq(im_lock_class("folder"), im_lock_class("folder"));
    cr_assert_neq(im_lock_class("folder"), im_lock_class("file"));
    cr_assert_neq(im_lock_class("folder"), im_lock_class_by_address("folder"));
}

Test(classes, what_one_lock_does_speaks_for_all)
{
    const struct im_lock_class *class = im_lock_class("class");
    cr_assert_eq(im_lock_set_class(&a, class, 0), 0);
    cr_assert_eq(im_lock_set_class(&c, class, 0), 0);
    a_then_b();
    LOCK(b);
    ASSERT_REPORTS(LOCK(c), "cannot lock `c` (A) while `b` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: a_then_b\n"
                            "then B: a_then_b");
    UNLOCK(b);
    ASSERT_REPORTS((LOCK(a), LOCK(c)),
                   "cannot lock `c` while `a` is held: both are of class `class`, level 0\nheld: test");
    UNLOCK(a);
    cr_assert_eq(im_lock_set_class(&c, NULL, 0), 0);
    LOCK(b);
    LOCK(c);
}

Test(classes, nest_by_levels)
{
    const struct im_lock_class *class = im_lock_class("nested");
    im_lock_set_class(&a, class, 0);
    im_lock_set_class(&b, class, 1);
    im_lock_set_class(&c, class, 0);
    im_lock_set_class(&d, class, 1);
    a_then_b();
    LOCK(d);
    ASSERT_REPORTS(LOCK(c), "cannot lock `c` (A) while `d` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: a_then_b\n"
                            "then B: a_then_b");
}

Test(classes, a_level_may_be_given_for_one_time)
{
    const struct im_lock_class *class = im_lock_class("tree");
    im_lock_set_class(&a, class, 0);
    im_lock_set_class(&b, class, 0);
    LOCK(a);
    im_lock_at_level(&b, 1);
    LOCK(b);
    UNLOCK(b);
    UNLOCK(a);
    LOCK(b);
    im_lock_at_level(&a, 1);
    LOCK(a);
    UNLOCK(a);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a` while `b` is held: both are of class `tree`, level 0\nheld: test");
}

Test(classes, by_address_nest_upwards)
{
    static fake all[2];
    const struct im_lock_class *class = im_lock_class_by_address("account");
    im_lock_set_class(&all[0], class, 0);
    im_lock_set_class(&all[1], class, 0);
    LOCK(all[0]);
    LOCK(all[1]);
    UNLOCK(all[0]);
    ASSERT_REPORTS(LOCK(all[0]),
                   "cannot lock `all[0]` while `all[1]` is held: both are of class `account`, level 0, and "
                   "this one has the lower address\nheld: test");
}

Test(classes, locks_of_a_class_come_and_go)
{
    const struct im_lock_class *class = im_lock_class("short-lived");
    im_lock_set_class(&a, class, 0);
    a_then_b();
    DESTROY(a); /* the class stays, with what is known of it */
    im_lock_set_class(&c, class, 0);
    LOCK(b);
    ASSERT_REPORTS(LOCK(c), "cannot lock `c` (A) while `b` (B) is held: the order was A before B\n"
                            "B held: test\n"
                            "A held: a_then_b\n"
                            "then B: a_then_b");
    LOCK(a); /* of no class any more */
}

/* Condition variables */

static void *wait_with_b(void *condvar)
{
    if (setjmp(escape) == 0)
        im_lock_checked_condvar_wait(condvar, &b, &lock_a);
    return NULL;
}

Test(condvar, is_for_one_lock_at_a_time)
{
    static fake condvar;
    static const struct im_place place = {"&condvar", {"file.c", "first", 1}};
    im_panic_set_handler(remember_and_escape);
    im_lock_checked_condvar_wait(&condvar, &a, &place);
    elsewhere(wait_with_b, &condvar);
    cr_assert_str_eq(reported, "cannot wait `a`: others wait there with another mutex\nwaiting: first");
    im_lock_checked_condvar_wait(&condvar, &a, &place);
    im_lock_checked_condvar_woken(&condvar);
    ASSERT_REPORTS(DESTROY(condvar), "cannot destroy `condvar`: somebody waits there\nwaiting: first");
    im_lock_checked_condvar_woken(&condvar);
    elsewhere(wait_with_b, &condvar);
    cr_assert_eq(reports, 2);
}

/* A handler that lets the program go on */

Test(handler, is_told_of_each_danger_once)
{
    im_panic_set_handler(remember_and_escape);
    cr_assert_null(im_lock_set_handler(remember));
    a_then_b();
    for (int i = 0; i < 3; i++) {
        LOCK(b);
        LOCK(a);
        UNLOCK(a);
        UNLOCK(b);
    }
    cr_assert_eq(reports, 1);
    for (int i = 0; i < 3; i++) {
        READ(c);
        READ(c);
        UNREAD(c);
        UNREAD(c);
    }
    cr_assert_eq(reports, 2);
    im_lock_set_class(&c, im_lock_class("once"), 0);
    im_lock_set_class(&d, im_lock_class("once"), 0);
    for (int i = 0; i < 3; i++)
        c_then_d();
    cr_assert_eq(reports, 3);
    cr_assert_eq(im_lock_set_handler(NULL), remember);
}

Test(handler, is_not_asked_where_there_is_no_way_to_go_on)
{
    im_lock_set_handler(remember);
    LOCK(a);
    ASSERT_REPORTS(LOCK(a), "cannot lock `a`: this thread has it already, and would wait for itself\nlocked: test");
}

/* The ends of threads and processes */

static void *lock_a_and_end(void *unused)
{
    LOCK(a);
    LOCK(b);
    return unused;
}

static void *lock_a_and_exit(void *unused)
{
    LOCK(a);
    pthread_exit(unused);
}

static void *lock_a_and_wait_for_the_end(void *cancelled)
{
    LOCK(a);
    pthread_barrier_wait(&barrier);
    for (;;)
        pthread_testcancel();
    return cancelled;
}

static pthread_key_t key;

static void unlock_a_at_last(void *unused)
{
    (void)unused;
    UNLOCK(a);
}

static void *lock_a_until_a_destructor(void *unused)
{
    pthread_setspecific(key, &key);
    LOCK(a);
    return unused;
}

Test(threads, that_end_with_a_lock_are_reported)
{
    im_lock_set_handler(remember);
    elsewhere(lock_a_and_end, NULL);
    cr_assert_str_eq(reported,
                     "a thread ends and has not unlocked `b`\nlocked: lock_a_and_end\nlocked: lock_a_and_end");
    DESTROY(a); /* nobody has it */
    elsewhere(lock_a_and_exit, NULL);
    cr_assert_eq(reports, 2);
    DESTROY(a);

    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, lock_a_and_wait_for_the_end, NULL);
    pthread_barrier_wait(&barrier);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    cr_assert_eq(reports, 3);
    DESTROY(a);

    pthread_key_create(&key, unlock_a_at_last);
    elsewhere(lock_a_until_a_destructor, NULL);
    cr_assert_eq(reports, 3);
}

static void *hold_a(void *unused)
{
    LOCK(a);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    UNLOCK(a);
    return unused;
}

Test(threads, a_child_has_one_and_its_locks)
{
    pthread_t thread;
    int status = 0;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, hold_a, NULL);
    pthread_barrier_wait(&barrier);
    LOCK(b);
    pid_t child = fork();
    if (child == 0) {
        struct im_lock_hold hold;
        if (im_lock_holders(&b, &hold, 1) != 1 || hold.thread != getpid() || !im_lock_checked_is_mine(&b))
            _exit(1);
        UNLOCK(a); /* its thread is not there any more: as after a leak */
        UNLOCK(b);
        _exit(im_lock_holders(&a, NULL, 0) + im_lock_holders(&b, NULL, 0) == 0 ? 0 : 2);
    }
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child says %d", status);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
}

static void use_locks(void)
{
    LOCK(c);
    UNLOCK(c);
}

Test(threads, handlers_of_a_fork_may_use_locks)
{
    int status = 0;
    pthread_atfork(use_locks, use_locks, use_locks); /* before this file is first used, and after */
    use_locks();
    pthread_atfork(use_locks, use_locks, use_locks);
    pid_t child = fork();
    if (child == 0) {
        use_locks();
        _exit(0);
    }
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    use_locks();
}

/* Many threads with the same locks in one order: nothing is reported, and nothing is left. */

static fake shared[8];

static void *lock_some(void *seed)
{
    unsigned random = (unsigned)(uintptr_t)seed;
    for (int i = 0; i < 3000; i++) {
        unsigned chosen = (random = random * 1664525u + 1013904223u) >> 24;
        for (unsigned bit = 0; bit < 8; bit++) {
            if (chosen & 1u << bit)
                acquire(&shared[bit], IM_LOCK_SHARED_RECURSIVE, &lock_a);
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            if (chosen & 1u << bit)
                im_lock_checked_released(&shared[bit], IM_LOCK_SHARED_RECURSIVE, &lock_a);
        }
    }
    return NULL;
}

Test(threads, many_at_a_time)
{
    pthread_t threads[4];
    uint64_t acquired = 0;
    for (uintptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, lock_some, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 8; i++) {
        struct im_lock_stats stats;
        cr_assert_eq(im_lock_holders(&shared[i], NULL, 0), 0);
        cr_assert_eq(im_lock_stats(&shared[i], &stats), 0);
        acquired += stats.acquired;
    }
    cr_assert(acquired > 3000 * 4 * 2);
}

/* Figures, and the dump */

Test(stats, count_what_happened)
{
    struct im_lock_stats stats = {.acquired = 77};
    cr_assert_eq(im_lock_stats(&a, &stats), ENOENT);
    cr_assert_eq(stats.acquired, 77);
    static const struct im_place wait = {"a", {"file.c", "wait", 1}};
    im_lock_checked_waiting(&a, IM_LOCK_EXCLUSIVE, &wait);
    uint64_t began_ns = im_sync_now_ns();
    while (im_sync_now_ns() < began_ns + 1000000) {
    }
    im_lock_checked_acquired(&a, IM_LOCK_EXCLUSIVE, false, &lock_a);
    uint64_t held_ns = im_sync_now_ns();
    while (im_sync_now_ns() < held_ns + 1500000) {
    }
    UNLOCK(a);
    TRY(a);
    UNLOCK(a);
    cr_assert_eq(im_lock_stats(&a, &stats), 0);
    cr_assert_eq(stats.acquired, 2);
    cr_assert_eq(stats.contended, 0);
    cr_assert(stats.wait_ns >= 1000000 && stats.wait_ns == stats.longest_wait_ns);
    cr_assert(stats.longest_hold_ns >= 1500000 && stats.hold_ns > stats.longest_hold_ns);
    cr_assert_eq(stats.longest_wait, &wait);
    cr_assert_eq(stats.longest_hold, &lock_a);
}

Test(stats, count_waits_with_others_in_the_way)
{
    pthread_t thread;
    struct im_lock_stats stats;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, hold_a, NULL);
    pthread_barrier_wait(&barrier);
    im_lock_checked_waiting(&a, IM_LOCK_SHARED, &lock_a);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    im_lock_checked_acquired(&a, IM_LOCK_SHARED, false, &lock_a);
    cr_assert_eq(im_lock_stats(&a, &stats), 0);
    cr_assert_eq(stats.contended, 1);
    cr_assert_eq(stats.acquired, 2);
}

Test(dump, tells_who_has_what_and_waits_for_what, .init = cr_redirect_stderr)
{
    char text[2048], expected[256];
    LOCK(a);
    READ(b);
    im_lock_checked_waiting(&c, IM_LOCK_EXCLUSIVE, &lock_a);
    im_lock_dump();
    fflush(stderr);
    FILE *file = cr_get_redirected_stderr();
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    snprintf(expected, sizeof expected, "thread %ld\n  holds `a`: ", im_sync_thread_number());
    cr_assert_eq(strncmp(text, expected, strlen(expected)), 0, "%s", text);
    cr_assert_not_null(strstr(text, "\n  reads `b`: "), "%s", text);
    cr_assert_not_null(strstr(text, "\n  waits for `a`: file.c:1 in lock_a(), for "), "%s", text);
    snprintf(expected, sizeof expected, "\nlock `a` at %p: locked 1 times, 0 of them with others in the way\n",
             (void *)&a);
    cr_assert_not_null(strstr(text, expected), "%s", text);
}
