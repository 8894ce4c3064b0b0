/* SPDX-License-Identifier: MIT */
/* The locks of the library in checked code, and plain_locks.c beside it without: they share locks and guards. */
#include "checked_locks.h"
#include "plain_locks.h"

#include <intermut/condvar.h>
#include <intermut/refcell.h>

static number a, b;
static shared_number shared, other;
static reentrant_number entered;

static void lock_a_then_b(void)
{
    im_mutex_with(p, &a) im_mutex_with(q, &b) *p = *q;
}

Test(mutex, an_order_is_known_in_every_form)
{
    lock_a_then_b();
    static const char report[] = "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                                 "B held: test\n"
                                 "A held: lock_a_then_b\n"
                                 "then B: lock_a_then_b";
    *im_mutex_lock(&b) = 1;
    ASSERT_REPORTS((void)im_mutex_lock(&a), report);
    ASSERT_REPORTS(im_mutex_with(p, &a) *p = 1, report);
    ASSERT_REPORTS((void)im_mutex_lock_guard(number_guard, &a), report);
    im_mutex_try_with(p, &a) *p = 1;
    int *p = im_mutex_lock_for(&a, 1000);
    cr_assert_not_null(p);
    im_mutex_unlock(&a);
    cr_assert_not_null(im_mutex_try_lock(&a));
    im_mutex_unlock_fair(&a);
    im_mutex_unlock(&b);
    cr_assert(!im_mutex_is_locked(&a) && !im_mutex_is_locked(&b));
}

Test(mutex, lock2_has_an_order_of_its_own)
{
    static number pair[2];
    for (int i = 0; i < 2; i++)
        im_lock_set_class(&pair[i], im_lock_class_by_address("pair"), 0);
    im_lock2(p, &pair[0], q, &pair[1]) *p = *q;
    im_lock2(p, &pair[1], q, &pair[0]) *p = *q;
    im_mutex_with(p, &pair[1]) ASSERT_REPORTS(
        (void)im_mutex_lock(&pair[*p]),
        "cannot lock `pair[*p]` while `pair[1]` is held: both are of class `pair`, level 0, and this one has "
        "the lower address\nheld: test");
}

Test(mutex, is_not_locked_twice)
{
    (void)im_mutex_lock(&a);
    ASSERT_REPORTS((void)im_mutex_lock(&a),
                   "cannot lock `a`: this thread has it already, and would wait for itself\nlocked: test");
    cr_assert_null(im_mutex_try_lock(&a));
    im_mutex_unlock(&a);
}

static void *unlock_a(void *unused)
{
    if (setjmp(escape) == 0)
        im_mutex_unlock(&a);
    return unused;
}

Test(mutex, is_unlocked_by_its_holder)
{
    im_panic_set_handler(remember_and_escape);
    (void)im_mutex_lock(&a);
    elsewhere(unlock_a, NULL);
    cr_assert_str_eq(reported, "cannot unlock `a`: not this thread has it, but another one\nlocked: test");
    cr_assert(im_mutex_is_locked(&a));
    ASSERT_REPORTS(im_mutex_destroy(&a), "cannot destroy `a`: it is locked\nlocked: test");
    im_mutex_unlock(&a);
}

static void *value_of_a(void *unused)
{
    if (setjmp(escape) == 0)
        (void)im_mutex_value(&a);
    return unused;
}

Test(mutex, its_value_is_for_its_holder)
{
    im_panic_set_handler(remember_and_escape);
    ASSERT_REPORTS((void)im_mutex_value(&a), "cannot use the value of `a`: it is not locked");
    *im_mutex_lock(&a) = 3;
    cr_assert_eq(*im_mutex_value(&a), 3);
    elsewhere(value_of_a, NULL);
    cr_assert_str_eq(reported, "this thread does not hold `a`\nlocked: test");
    im_mutex_unlock(&a);
}

Test(mutex, a_leaked_guard_is_for_everybody)
{
    im_panic_set_handler(remember_and_escape);
    number_guard guard = im_mutex_lock_guard(number_guard, &a);
    *im_mutex_guard_leak(&guard) = 1;
    elsewhere(unlock_a, NULL);
    cr_assert_eq(reports, 0);
    cr_assert(!im_mutex_is_locked(&a));
}

Test(mutex, that_ends_leaves_no_order)
{
    lock_a_then_b();
    im_mutex_destroy(&a);
    im_mutex_with(q, &b) im_mutex_with(p, &a) *p = *q;
    cr_assert_eq(im_mutex_into_inner(&b), 0);
    lock_a_then_b();
}

/* A wait unlocks: others may lock meanwhile, without a word, and in any order. */

static im_condvar changed;
static bool is_waiting;

static void *wait_for_a(void *unused)
{
    if (setjmp(escape))
        return unused;
    im_mutex_with(p, &a)
    {
        is_waiting = true;
        im_condvar_wait_while(&changed, &a, q, *q == 0);
        cr_assert(im_lock_checked_is_mine(&a) && *p);
    }
    return unused;
}

static void *wait_for_b(void *unused)
{
    (void)im_mutex_lock(&b);
    if (setjmp(escape) == 0)
        im_condvar_wait(&changed, &b);
    im_mutex_unlock(&b);
    return unused;
}

Test(condvar, who_waits_does_not_hold)
{
    pthread_t thread;
    struct im_lock_hold hold;
    im_panic_set_handler(remember_and_escape);
    pthread_create(&thread, NULL, wait_for_a, NULL);
    for (bool is_there = false; !is_there;)
        im_mutex_with(p, &a) is_there = is_waiting && *p == 0;
    cr_assert_eq(im_lock_holders(&a, &hold, 1), 0);
    elsewhere(wait_for_b, NULL);
    cr_assert_str_eq(reported, "cannot wait `b`: others wait there with another mutex\nwaiting: wait_for_a");
    im_mutex_with(p, &a) *p = 1;
    im_condvar_notify_all(&changed);
    pthread_join(thread, NULL);
    cr_assert_eq(reports, 1);
    cr_assert_eq(im_lock_holders(&a, &hold, 1), 0);
}

Test(condvar, a_wait_that_keeps_another_lock_is_a_danger)
{
    (void)im_mutex_lock(&a);
    (void)im_mutex_lock(&b);
    ASSERT_REPORTS(im_condvar_wait(&changed, &a),
                   "cannot lock `a` (A) while `b` (B) is held: the order was A before B\n"
                   "B held: test\n"
                   "A held: test\n"
                   "then B: test");
}

Test(rwlock, reads_are_not_repeated)
{
    (void)im_rwlock_read(&shared);
    ASSERT_REPORTS((void)im_rwlock_read(&shared),
                   "cannot read `shared` again: a writer that comes in between waits for this thread, and it for the "
                   "writer\nread: test");
    (void)im_rwlock_read_recursive(&shared);
    im_rwlock_read_unlock(&shared);
    ASSERT_REPORTS((void)im_rwlock_write(&shared),
                   "cannot lock `shared`: this thread has it already, and would wait for itself\nread: test");
    im_rwlock_read_unlock(&shared);
    cr_assert(!im_rwlock_is_locked(&shared));
}

Test(rwlock, reads_nest_where_readers_are_preferred)
{
    static shared_number nesting = IM_RWLOCK_INIT_POLICY(IM_RWLOCK_READER_PREFERRING, 3);
    im_rwlock_with_read(p, &nesting) im_rwlock_with_read(q, &nesting) cr_assert_eq(*p, *q);
    cr_assert_eq(im_lock_holders(&nesting, NULL, 0), 0);
}

static void read_shared_then_other(void)
{
    im_rwlock_with_read(p, &shared) im_rwlock_with_read(q, &other) cr_assert_eq(*p, *q);
}

Test(rwlock, an_order_of_reads_is_one)
{
    read_shared_then_other();
    (void)im_rwlock_read(&other);
    ASSERT_REPORTS((void)im_rwlock_write(&shared),
                   "cannot lock `shared` (A) while `other` (B) is held: the order was A before B\n"
                   "B held: test\n"
                   "A held: read_shared_then_other\n"
                   "then B: read_shared_then_other");
    (void)im_rwlock_read_recursive(&shared); /* which waits for no reader of `shared` */
    im_rwlock_read_unlock(&shared);
    im_rwlock_read_unlock(&other);
}

Test(rwlock, an_upgrade_waits_for_readers)
{
    im_rwlock_with_read(p, &shared) im_mutex_with(q, &a) *q = *p;
    (void)im_rwlock_upgradable_read(&shared);
    im_mutex_with(q, &a) ASSERT_REPORTS(*im_rwlock_upgrade(&shared) = *q,
                                        "cannot upgrade `shared` (A) while `a` (B) is held: the order was A before B\n"
                                        "B held: test\n"
                                        "A held: test\n"
                                        "then B: test");
    *im_rwlock_upgrade(&shared) = 5;
    cr_assert_eq(*im_rwlock_value_mut(&shared), 5);
    (void)im_rwlock_downgrade(&shared);
    cr_assert_eq(*im_rwlock_value(&shared), 5);
    ASSERT_REPORTS(im_rwlock_destroy(&shared), "cannot destroy `shared`: it is locked\nread: test");
    im_rwlock_read_unlock(&shared);
    im_rwlock_destroy(&shared);
}

Test(reentrant, is_entered_again_behind_other_locks)
{
    im_reentrant_with(p, &entered) im_mutex_with(q, &a) im_reentrant_with(r, &entered) *q = *p + *r;
    im_mutex_with(q, &a) ASSERT_REPORTS(*q = *im_reentrant_lock(&entered),
                                        "cannot lock `entered` (A) while `a` (B) is held: the order was A before B\n"
                                        "B held: test\n"
                                        "A held: test\n"
                                        "then B: test");
    (void)im_reentrant_lock(&entered);
    ASSERT_REPORTS(im_reentrant_destroy(&entered), "cannot destroy `entered`: it is locked\nlocked: test");
    im_reentrant_unlock(&entered);
    im_reentrant_destroy(&entered);
}

/* Plain code */

static void *lock_a(void *unused)
{
    if (setjmp(escape) == 0)
        im_mutex_with(p, &a)++ *p;
    return unused;
}

/* Cells for one thread at a time, inside of locks and beside them. */

typedef im_refcell(int) hit_cell;
static im_reentrant(struct { hit_cell hits; }) page;
static hit_cell beside;
static number first, second;

static void count_in_both(void)
{
    im_reentrant_with(p, &page)
    {
        im_refcell_with_mut(hits, &p->hits)
            ++*hits;
        im_mutex_with(unused, &second)
        {
            *unused = 0;
            im_reentrant_with(again, &page) im_refcell_with_mut(hits, &again->hits)++ *hits;
        }
    }
    im_mutex_with(unused, &first)
    {
        *unused = 0;
        im_refcell_with_mut(hits, &beside)
            ++*hits;
    }
}

static void *count_and_stay(void *barrier)
{
    count_in_both();
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void *count_under_another_lock(void *unused)
{
    im_mutex_with(value, &second)
    {
        *value = 0;
        ASSERT_REPORTS((void)im_refcell_borrow_mut(&beside),
                       "cannot borrow_mut `beside`: another thread uses it\nused: count_in_both");
    }
    return unused;
}

Test(cells, are_ordered_by_the_lock_that_their_users_have)
{
    pthread_barrier_t barrier;
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    count_in_both();
    pthread_create(&thread, NULL, count_and_stay, &barrier);
    pthread_barrier_wait(&barrier);
    count_in_both();
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    im_reentrant_with(p, &page) im_refcell_with(hits, &p->hits) cr_assert_eq(*hits, 6);
    elsewhere(count_under_another_lock, NULL);
}

Test(plain, code_may_lock_what_checked_code_unlocks)
{
    cr_assert_eq(plain_sizes(),
                 sizeof(number) + sizeof(number_guard) + sizeof(shared_number) + sizeof(reentrant_number));
    im_panic_set_handler(remember_and_escape);
    plain_lock(&a);
    im_mutex_unlock(&a);
    number_guard guard = plain_lock_guard(&a);
    im_mutex_guard_release(&guard);
    plain_read(&shared);
    im_rwlock_read_unlock(&shared);
    cr_assert_eq(reports, 0);
}

Test(plain, code_may_unlock_what_checked_code_locks)
{
    im_panic_set_handler(remember_and_escape);
    *im_mutex_lock(&a) = 1;
    plain_unlock(&a);
    *im_mutex_lock(&a) = 2; /* it is not this thread that has it, though that is on record */
    plain_unlock(&a);
    elsewhere(lock_a, NULL);
    number_guard guard = im_mutex_lock_guard(number_guard, &a);
    plain_release(&guard);
    elsewhere(lock_a, NULL);
    lock_a(NULL);
    (void)im_rwlock_read(&shared);
    plain_read_unlock(&shared);
    im_rwlock_with_write(p, &shared) *p = 1;
    cr_assert_eq(reports, 0);
    cr_assert_eq(*im_mutex_lock(&a), 5);
    im_mutex_unlock(&a);
}

Test(plain, code_may_unlock_what_ends)
{
    im_panic_set_handler(remember_and_escape);
    (void)im_mutex_lock(&a);
    plain_unlock(&a);
    im_mutex_destroy(&a);
    (void)im_rwlock_read(&shared);
    plain_read_unlock(&shared);
    im_rwlock_destroy(&shared);
    (void)im_reentrant_lock(&entered);
    plain_leave(&entered);
    (void)im_reentrant_lock(&entered);
    cr_assert_eq(im_lock_holders(&entered, NULL, 0), 1);
    plain_leave(&entered);
    cr_assert_eq(im_reentrant_into_inner(&entered), 0);
    cr_assert_eq(im_lock_holders(&entered, NULL, 0), 0);
    cr_assert_eq(reports, 0);
}
