/* SPDX-License-Identifier: MIT */
/* Row O7, for im_mut_once and im_sync_mut_once (-DSYNC). Built with -fexceptions. */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "../cell/panics.h"

#include <intermut/backoff.h>
#include <intermut/mut_once.h>

#ifdef SYNC
#define MUT_ONCE(T) im_sync_mut_once(T)
#else
#define MUT_ONCE(T) im_mut_once(T)
#endif

struct registry {
    int names, last;
};

typedef MUT_ONCE(struct registry) shared_registry;

static shared_registry registry = IM_MUT_ONCE_INIT({1, 7});

static void add(const shared_registry *self, int name)
{
    im_mut_once_with_mut(r, self)
    {
        r->names++;
        r->last = name;
    }
}

Test(mut_once, changes_until_the_first_reference)
{
    cr_assert_not(im_mut_once_is_fixed(&registry));
    add(&registry, 8);
    add(&registry, 9);
    cr_assert_not(im_mut_once_is_fixed(&registry));
    const struct registry *r = im_mut_once_get(&registry);
    cr_assert(im_mut_once_is_fixed(&registry));
    cr_assert_eq(r->names, 3);
    cr_assert_eq(r->last, 9);
    cr_assert_eq(im_mut_once_get(&registry), r);
    cr_assert_eq(im_mut_once_try_get(&registry), r);
}

/* ---- Three broken rules, three panics ---- */

static void fix(void)
{
    (void)im_mut_once_get(&registry);
}

Test(mut_once, what_is_fixed_is_not_borrowed)
{
    fix();
    ASSERT_PANICS((void)im_mut_once_borrow_mut(&registry),
                  "cannot borrow_mut `registry`: fixed: somebody has a reference");
    cr_assert_str_eq(panic_before.function, "fix");
    cr_assert_str_eq(panic_lines[0].label, "fixed");
    ASSERT_PANICS(im_mut_once_with_mut(r, &registry) r->names = 99,
                  "cannot borrow_mut `registry`: fixed: somebody has a reference");
    cr_assert_null(im_mut_once_try_borrow_mut(&registry));
}

Test(mut_once, the_place_of_a_reference_is_that_even_after_a_borrow)
{
    add(&registry, 1);
    fix();
    ASSERT_PANICS((void)im_mut_once_borrow_mut(&registry),
                  "cannot borrow_mut `registry`: fixed: somebody has a reference");
    cr_assert_str_eq(panic_before.function, "fix");
}

Test(mut_once, what_is_borrowed_is_not_borrowed_again)
{
    struct registry *r = im_mut_once_borrow_mut(&registry);
    ASSERT_PANICS((void)im_mut_once_borrow_mut(&registry), "cannot borrow_mut `registry`: already mutably borrowed");
    cr_assert_str_eq(panic_before.function, __func__);
    cr_assert_str_eq(panic_lines[0].label, "borrowed");
    cr_assert_null(im_mut_once_try_borrow_mut(&registry));
    r->names = 5;
    im_mut_once_release_mut(&registry);
    cr_assert_eq(im_mut_once_get(&registry)->names, 5);
}

Test(mut_once, what_is_borrowed_has_no_reference)
{
    im_mut_once_with_mut(r, &registry)
    {
        ASSERT_PANICS((void)im_mut_once_get(&registry), "cannot get `registry`: already mutably borrowed");
        cr_assert_str_eq(panic_before.function, __func__);
        cr_assert_null(im_mut_once_try_get(&registry));
        r->names = 6;
    }
    cr_assert_not(im_mut_once_is_fixed(&registry));
    cr_assert_eq(im_mut_once_try_get(&registry)->names, 6);
}

Test(mut_once, what_is_not_borrowed_is_not_released)
{
    ASSERT_PANICS(im_mut_once_release_mut(&registry),
                  "cannot release_mut `registry`: not mutably borrowed by this thread");
    fix();
    ASSERT_PANICS(im_mut_once_release_mut(&registry),
                  "cannot release_mut `registry`: not mutably borrowed by this thread");
    cr_assert(im_mut_once_is_fixed(&registry));
}

/* ---- Blocks ---- */

static int leave_by_return(void)
{
    im_mut_once_with_mut(r, &registry)
    {
        r->names = 10;
        return r->names;
    }
    return 0;
}

Test(mut_once, a_block_ends_its_borrow_however_it_is_left)
{
    cr_assert_eq(leave_by_return(), 10);
    im_mut_once_with_mut(r, &registry)
    {
        r->names++;
        break;
    }
    int rounds = 0;
    for (; rounds < 2; rounds++) {
        im_mut_once_with_mut(r, &registry)
        {
            r->names++;
            continue;
        }
    }
    im_mut_once_with_mut(r, &registry)
    {
        r->names++;
        goto outside;
    }
outside:
    cr_assert_eq(rounds, 2);
    cr_assert_eq(im_mut_once_get(&registry)->names, 14);
}

Test(mut_once, a_try_block_has_an_else)
{
    int not_now = 0;
    im_mut_once_try_with_mut(r, &registry)
    {
        r->names = 2;
        im_mut_once_try_with_mut(s, &registry) s->names = 99;
        else not_now++;
    }
    else not_now = 10;
    fix();
    im_mut_once_try_with_mut(r, &registry) r->names = 99;
    else not_now++;
    cr_assert_eq(not_now, 2);
    cr_assert_eq(im_mut_once_get(&registry)->names, 2);
}

/* ---- Exclusive operations ---- */

Test(mut_once, who_is_alone_may_change_what_is_fixed)
{
    fix();
    im_mut_once_get_mut(&registry)->names = 3;
    im_mut_once_try_get_mut(&registry)->last = 4;
    cr_assert_eq(im_mut_once_get(&registry)->names, 3);
    struct registry inner = im_mut_once_into_inner(&registry);
    cr_assert_eq(inner.last, 4);
    cr_assert_eq(im_mut_once_try_into_inner(&registry, &inner), 0);
}

Test(mut_once, who_holds_a_borrow_is_not_alone)
{
    static struct registry inner;
    im_mut_once_with_mut(r, &registry)
    {
        (void)r;
        ASSERT_PANICS((void)im_mut_once_get_mut(&registry), "cannot get_mut `registry`: already mutably borrowed");
        ASSERT_PANICS((void)im_mut_once_into_inner(&registry),
                      "cannot into_inner `registry`: already mutably borrowed");
        cr_assert_null(im_mut_once_try_get_mut(&registry));
        cr_assert_eq(im_mut_once_try_into_inner(&registry, &inner), EBUSY);
    }
    cr_assert_eq(inner.names, 0);
}

#ifdef SYNC
/* ---- Threads ---- */

static uint32_t stage;

static void go_to(uint32_t number)
{
    im_sync_store(&stage, number, memory_order_release);
}

static void wait_for_stage(uint32_t number)
{
    struct im_backoff backoff = {0};
    while (im_sync_load(&stage, memory_order_acquire) < number) /* release: go_to() */
        im_backoff_wait(&backoff);
}

static void wait_for_waiter(void)
{
    struct im_backoff backoff = {0};
    while (!(im_sync_load(&registry.im_raw.state, memory_order_relaxed) & IM_ONCE_WAITERS))
        im_backoff_wait(&backoff);
}

static void *borrow_and_add(void *unused)
{
    im_mut_once_try_with_mut(r, &registry) r->names++;
    else cr_assert_fail("waits, and does not say no");
    return unused;
}

static void *get(void *unused)
{
    (void)unused;
    return (void *)(uintptr_t)im_mut_once_get(&registry);
}

Test(mut_once, other_threads_wait_for_a_borrow)
{
    pthread_t threads[2];
    im_mut_once_with_mut(r, &registry)
    {
        pthread_create(&threads[0], NULL, borrow_and_add, NULL);
        wait_for_waiter();
        cr_assert_eq(r->names++, 1);
    }
    pthread_join(threads[0], NULL);
    im_mut_once_with_mut(r, &registry)
    {
        pthread_create(&threads[1], NULL, get, NULL);
        wait_for_waiter();
        cr_assert_eq(r->names++, 3);
    }
    void *seen;
    pthread_join(threads[1], &seen);
    cr_assert_eq(seen, im_mut_once_get(&registry));
    cr_assert_eq(((struct registry *)seen)->names, 4);
}

static void *release_others(void *unused)
{
    ASSERT_PANICS(im_mut_once_release_mut(&registry),
                  "cannot release_mut `registry`: not mutably borrowed by this thread");
    return unused;
}

Test(mut_once, a_borrow_belongs_to_its_thread)
{
    pthread_t thread;
    im_mut_once_with_mut(r, &registry)
    {
        (void)r;
        pthread_create(&thread, NULL, release_others, NULL);
        pthread_join(thread, NULL);
    }
}

static void *be_cancelled(void *unused)
{
    im_mut_once_with_mut(r, &registry)
    {
        r->names = 50;
        go_to(1);
        for (;;)
            pthread_testcancel();
    }
    return unused;
}

Test(mut_once, a_thread_that_is_cancelled_ends_its_borrow)
{
    pthread_t thread;
    pthread_create(&thread, NULL, be_cancelled, NULL);
    wait_for_stage(1);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
    add(&registry, 9);
    cr_assert_eq(im_mut_once_get(&registry)->names, 51, "what was changed stays");
}
#endif
