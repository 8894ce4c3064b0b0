/* SPDX-License-Identifier: MIT */
/* Row L7: a lock that its holder may take again. -fexceptions. */
#include "../cell/panics.h"

#include <pthread.h>
#include <sched.h>

#include <intermut/reentrant.h>
#include <intermut/refcell.h>

#define MS UINT64_C(1000000)

typedef im_refcell(int) int_cell;
typedef im_reentrant(int_cell) number;

Test(reentrant, its_holder_may_take_it_again)
{
    im_reentrant(int) lock = IM_REENTRANT_INIT(7);
    cr_assert_not(im_reentrant_is_held_by_me(&lock));
    const int *value = im_reentrant_lock(&lock);
    cr_assert_eq(*value, 7);
    cr_assert_eq(im_reentrant_lock(&lock), value);
    cr_assert_eq(im_reentrant_try_lock(&lock), value);
    cr_assert_eq(im_reentrant_lock_for(&lock, 0), value);
    cr_assert_eq(im_reentrant_lock_until(&lock, 1), value);
    for (int i = 0; i < 5; i++) {
        cr_assert(im_reentrant_is_held_by_me(&lock));
        cr_assert_eq(im_reentrant_value(&lock), value);
        im_reentrant_unlock(&lock);
    }
    cr_assert_not(im_reentrant_is_held_by_me(&lock));
    cr_assert_not(im_reentrant_is_locked(&lock));
    *im_reentrant_get_mut(&lock) = 8;
    cr_assert_eq(im_reentrant_into_inner(&lock), 8);
    im_reentrant_destroy(&lock);
}

static number shared = IM_REENTRANT_INIT(IM_REFCELL_INIT(0));

static int count_down(int from)
{
    im_reentrant_with(cell, &shared)
    {
        im_refcell_with_mut(n, cell)
            (*n)++;
        if (from == 0)
            return 0;
        return 1 + count_down(from - 1);
    }
    return -1;
}

Test(reentrant, blocks_nest_and_the_refcell_inside_knows_who_is_in_the_way)
{
    cr_assert_eq(count_down(9), 9);
    cr_assert_not(im_reentrant_is_locked(&shared));
    im_reentrant_with(outer, &shared) im_refcell_with_mut(n, outer)
    {
        cr_assert_eq(*n, 10);
        im_reentrant_try_with(inner, &shared) cr_assert_null(im_refcell_try_borrow(inner));
        else cr_assert_fail();
        im_reentrant_try_with_for(inner, &shared, 1) cr_assert_eq(inner, outer);
        else cr_assert_fail();
        im_reentrant_try_with_until(inner, &shared, 1) break;
    }
    cr_assert_not(im_reentrant_is_locked(&shared));
}

static void *keep_it_and_end(void *lock)
{
    (void)im_reentrant_lock((const number *)lock);
    return (void *)pthread_self();
}

/* 0: it is somebody else's. */
static void *try_it(void *lock)
{
    return (void *)(uintptr_t)(im_reentrant_try_lock((const number *)lock) != NULL);
}

Test(reentrant, a_thread_that_gets_the_id_of_an_ended_one_does_not_get_its_lock)
{
    static number kept = IM_REENTRANT_INIT(IM_REFCELL_INIT(0));
    pthread_t first, second;
    void *ended, *is_taken;
    pthread_create(&first, NULL, keep_it_and_end, &kept);
    pthread_join(first, &ended);
    pthread_create(&second, NULL, try_it, &kept);
    const bool is_same_id = (pthread_t)ended == second;
    pthread_join(second, &is_taken);
    cr_assert_null(is_taken);
    if (!is_same_id)
        cr_skip_test("the system gave the second thread another id");
}

Test(reentrant, taken_too_often_is_no_or_a_panic)
{
    im_reentrant_lock(&shared);
    shared.im_raw.more = UINT32_MAX - 1;
    cr_assert_not_null(im_reentrant_try_lock(&shared));
    cr_assert_null(im_reentrant_try_lock(&shared));
    cr_assert_null(im_reentrant_lock_for(&shared, 1));
    ASSERT_PANICS((void)im_reentrant_lock(&shared), "cannot lock `shared`: this thread has it too often");
    cr_assert_eq(shared.im_raw.more, UINT32_MAX);
    shared.im_raw.more = 0;
    im_reentrant_unlock(&shared);
    cr_assert_not(im_reentrant_is_locked(&shared));
}

Test(reentrant, broken_rules)
{
    ASSERT_PANICS(im_reentrant_unlock(&shared), "cannot unlock `shared`: it is not locked");
    ASSERT_PANICS((void)im_reentrant_value(&shared), "cannot use the value of `shared`: it is not locked");
    im_reentrant_lock(&shared);
    ASSERT_PANICS((void)im_reentrant_get_mut(&shared), "cannot get_mut `shared`: it is locked");
    ASSERT_PANICS(im_reentrant_destroy(&shared), "cannot destroy `shared`: it is locked");
    im_reentrant_unlock(&shared);
}

static void *try_from_elsewhere(void *argument)
{
    cr_assert_not(im_reentrant_is_held_by_me(&shared));
    cr_assert(im_reentrant_is_locked(&shared));
    cr_assert_null(im_reentrant_try_lock(&shared));
    cr_assert_null(im_reentrant_lock_for(&shared, MS));
    cr_assert_null(im_reentrant_lock_until(&shared, 1));
    int no = 0;
    im_reentrant_try_with(cell, &shared)(void) cell;
    else no++;
    im_reentrant_try_with_for(cell, &shared, 1000)(void) cell;
    else no++;
    im_reentrant_try_with_until(cell, &shared, 1)(void) cell;
    else no++;
    cr_assert_eq(no, 3);
    ASSERT_PANICS(im_reentrant_unlock(&shared), "cannot unlock `shared`: another thread has it");
    return argument;
}

Test(reentrant, another_thread_is_kept_out)
{
    pthread_t thread;
    im_reentrant_lock(&shared);
    im_reentrant_lock(&shared);
    im_reentrant_unlock(&shared);
    pthread_create(&thread, NULL, try_from_elsewhere, NULL);
    pthread_join(thread, NULL);
    im_reentrant_unlock(&shared);
}

enum { THREADS = 4, TIMES = 5000, DEPTH = 4 };

static void *add(void *argument)
{
    for (int i = 0; i < TIMES; i++) {
        for (int depth = 0; depth < DEPTH; depth++)
            im_reentrant_lock(&shared);
        const int_cell *cell = im_reentrant_value(&shared);
        im_refcell_with_mut(n, cell)
            (*n)++;
        for (int depth = 0; depth < DEPTH; depth++)
            im_reentrant_unlock(&shared);
    }
    return argument;
}

Test(reentrant, no_change_is_lost)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, add, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_refcell_into_inner(im_reentrant_get_mut(&shared)), THREADS * TIMES);
}

static void *sleep_inside(void *argument)
{
    im_reentrant_lock(&shared);
    im_reentrant_unlock(&shared);
    im_reentrant_with(outer, &shared) im_reentrant_with(inner, &shared)
    {
        (void)inner;
        im_sync_store((int *)argument, 1, memory_order_release);
        for (;;)
            pthread_testcancel();
    }
    return NULL;
}

Test(reentrant, blocks_end_with_their_thread)
{
    pthread_t thread;
    int inside = 0;
    pthread_create(&thread, NULL, sleep_inside, &inside);
    while (!im_sync_load(&inside, memory_order_acquire))
        sched_yield();
    cr_assert_null(im_reentrant_try_lock(&shared));
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    cr_assert_not(im_reentrant_is_locked(&shared));
}

/* Row L9. */

struct names {
    int first, last;
};
typedef im_reentrant(struct names) name_lock;
typedef im_reentrant_guard(struct names) names_guard;
typedef im_reentrant_guard(int) name_guard;

static name_lock names = IM_REENTRANT_INIT({1, 2});

static name_guard lock_last(const name_lock *lock)
{
    names_guard whole = im_reentrant_lock_guard(names_guard, lock);
    return im_reentrant_guard_map(name_guard, &whole, n, &n->last);
}

Test(reentrant_guard, is_one_hold_of_its_thread)
{
    name_guard last = lock_last(&names), again = lock_last(&names);
    cr_assert_eq(*im_reentrant_guard_get(&last), 2);
    im_reentrant_guard_release(&last);
    cr_assert_null(im_reentrant_guard_get(&last));
    cr_assert(im_reentrant_is_held_by_me(&names));
    name_guard moved = im_reentrant_guard_move(&again);
    cr_assert_null(im_reentrant_guard_get(&again));
    {
        IM_REENTRANT_GUARD_SCOPED names_guard scoped = im_reentrant_try_lock_guard(names_guard, &names);
        cr_assert_not_null(im_reentrant_guard_get(&scoped));
        cr_assert_eq(names.im_raw.more, 1);
    }
    cr_assert_eq(names.im_raw.more, 0);
    im_reentrant_guard_release(&moved);
    cr_assert_not(im_reentrant_is_locked(&names));
}

static void *guards_are_late(void *lock)
{
    names_guard one = im_reentrant_lock_guard_for(names_guard, (const name_lock *)lock, 1000000);
    names_guard two = im_reentrant_lock_guard_until(names_guard, (const name_lock *)lock, 1);
    return (void *)(uintptr_t)(!im_reentrant_guard_get(&one) && !im_reentrant_guard_get(&two));
}

Test(reentrant_guard, a_time_limit_gives_an_empty_one_to_others)
{
    names_guard one = im_reentrant_lock_guard_for(names_guard, &names, 1);
    names_guard two = im_reentrant_lock_guard_until(names_guard, &names, 1);
    cr_assert_eq(im_reentrant_guard_get(&one), im_reentrant_guard_get(&two));
    cr_assert_eq(names.im_raw.more, 1);
    pthread_t thread;
    void *are_empty;
    pthread_create(&thread, NULL, guards_are_late, &names);
    pthread_join(thread, &are_empty);
    cr_assert_not_null(are_empty);
    im_reentrant_guard_release(&one), im_reentrant_guard_release(&two);
    cr_assert_not(im_reentrant_is_locked(&names));
}

Test(reentrant_guard, is_narrowed_split_and_leaked)
{
    names_guard guard = im_reentrant_lock_guard(names_guard, &names);
    name_guard none = im_reentrant_guard_filter_map(name_guard, &guard, n, n->first > 1 ? &n->first : NULL);
    cr_assert_null(im_reentrant_guard_get(&none));
    name_guard one = {0}, two = {0}, three = {0};
    im_reentrant_guard_map_split(&guard, n, (&one, &n->first), (&two, &n->first), (&three, &n->last));
    cr_assert_null(im_reentrant_guard_get(&guard));
    cr_assert_eq(names.im_raw.more, 2);
    im_reentrant_guard_release(&one), im_reentrant_guard_release(&three);
    cr_assert(im_reentrant_is_held_by_me(&names));
    cr_assert_eq(*im_reentrant_guard_leak(&two), 1);
    cr_assert(im_reentrant_is_held_by_me(&names));
    im_reentrant_unlock(&names);
    cr_assert_not(im_reentrant_is_locked(&names));
}

static void *try_names(void *is_taken)
{
    names_guard guard = im_reentrant_try_lock_guard(names_guard, &names);
    if ((*(bool *)is_taken = im_reentrant_guard_get(&guard) != NULL))
        im_reentrant_guard_release(&guard);
    return NULL;
}

static bool may_others_have_it(void)
{
    pthread_t thread;
    bool is_taken = false;
    pthread_create(&thread, NULL, try_names, &is_taken);
    pthread_join(thread, NULL);
    return is_taken;
}

Test(reentrant_guard, unlocked_blocks_let_others_in)
{
    names_guard guard = im_reentrant_lock_guard(names_guard, &names);
    cr_assert_not(may_others_have_it());
    im_reentrant_guard_unlocked(&guard) cr_assert(may_others_have_it());
    im_reentrant_unlocked(&names)
    {
        cr_assert(may_others_have_it());
        break;
    }
    cr_assert(im_reentrant_is_held_by_me(&names));
    im_reentrant_with(n, &names)
    {
        im_reentrant_unlocked(&names) cr_assert_not(may_others_have_it(), "the outer hold stays");
        cr_assert_eq(n->first, 1);
    }
    im_reentrant_guard_release(&guard);
    cr_assert_not(im_reentrant_is_locked(&names));
}

Test(reentrant_guard, broken_rules)
{
    names_guard guard = {0};
    ASSERT_PANICS(im_reentrant_guard_release(&guard), "cannot release `guard`: the guard holds no lock");
    ASSERT_PANICS((void)im_reentrant_guard_leak(&guard), "cannot leak `guard`: the guard holds no lock");
    ASSERT_PANICS((void)im_reentrant_guard_map(name_guard, &guard, n, &n->last),
                  "cannot map `guard`: the guard holds no lock");
    ASSERT_PANICS(im_reentrant_unlocked(&names){}, "cannot unlock `names`: it is not locked");
    names_guard held = im_reentrant_lock_guard(names_guard, &names);
    name_guard one = {0}, two = {0};
    names.im_raw.more = UINT32_MAX;
    ASSERT_PANICS(im_reentrant_guard_map_split(&held, n, (&one, &n->first), (&two, &n->last)),
                  "cannot split `held`: too many parts");
    names.im_raw.more = 0;
    im_reentrant_guard_release(&held);
}
