/* SPDX-License-Identifier: MIT */
/* Row C10: a cell for one thread that two use is caught, and what is right is not. IM_CHECKED=1. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <semaphore.h>

#include <intermut/lazy.h>
#include <intermut/mut_once.h>

#include "../cell/panics.h"

typedef im_unsync_once(int) int_once;
typedef im_unsync_lazy(int) int_lazy;
typedef im_mut_once(int) int_mut_once;

static int make(int *out, void *argument)
{
    (void)argument;
    *out = 7;
    return 0;
}

static int_once once;
static int_lazy lazy = IM_LAZY_INIT(make, NULL);
static int_mut_once mut_once;

/* Another thread, which uses them and then lives on until it is told to end. */
static pthread_t thread;
static sem_t has_used, may_end;

static void use_all(void)
{
    cr_assert_eq(*im_once_get_or_init(&once, make, NULL), 7);
    cr_assert_eq(*im_lazy_get(&lazy), 7);
    im_mut_once_with_mut(n, &mut_once) *n = 1;
    cr_assert_eq(*im_mut_once_get(&mut_once), 1);
}

static void *use_and_live_on(void *unused)
{
    use_all();
    sem_post(&has_used);
    sem_wait(&may_end);
    return unused;
}

static void use_elsewhere(void)
{
    sem_init(&has_used, 0, 0);
    sem_init(&may_end, 0, 0);
    cr_assert_eq(pthread_create(&thread, NULL, use_and_live_on, NULL), 0);
    sem_wait(&has_used);
}

static void end_elsewhere(void)
{
    sem_post(&may_end);
    pthread_join(thread, NULL);
}

#define ASSERT_CAUGHT(operation, name, use) \
    ASSERT_PANICS(use, "cannot " operation " `" name "`: another thread uses it")

Test(thread_of_use, every_operation_that_shares_is_use)
{
    static const int *at;
    use_elsewhere();
    ASSERT_CAUGHT("get", "once", (void)im_once_get(&once));
    cr_assert_str_eq(panic_lines[0].label, "used");
    cr_assert_str_eq(panic_lines[0].site.function, "use_all");
    ASSERT_CAUGHT("get_or_init", "once", (void)im_once_get_or_init(&once, make, NULL));
    ASSERT_CAUGHT("get_or_try_init", "once", (void)im_once_get_or_try_init(&once, make, NULL, &at));
    ASSERT_CAUGHT("initialise", "once", im_once_init(n, &once) *n = 1);
    ASSERT_CAUGHT("initialise", "once", im_once_try_init(n, &once) *n = 1);
    ASSERT_CAUGHT("set", "once", (void)im_once_set(&once, NULL, 1));
    ASSERT_CAUGHT("try_insert", "once", (void)im_once_try_insert(&once, &at, NULL, 1));
    ASSERT_CAUGHT("is_poisoned", "once", (void)im_once_is_poisoned(&once));
    ASSERT_CAUGHT("clear_poison", "once", im_once_clear_poison(&once));

    ASSERT_CAUGHT("get", "lazy", (void)im_lazy_get(&lazy));
    ASSERT_CAUGHT("try_get", "lazy", (void)im_lazy_try_get(&lazy, &at));
    ASSERT_CAUGHT("peek", "lazy", (void)im_lazy_peek(&lazy));
    ASSERT_CAUGHT("is_poisoned", "lazy", (void)im_lazy_is_poisoned(&lazy));
    ASSERT_CAUGHT("clear_poison", "lazy", im_lazy_clear_poison(&lazy));

    ASSERT_CAUGHT("borrow_mut", "mut_once", (void)im_mut_once_borrow_mut(&mut_once));
    ASSERT_CAUGHT("try_borrow_mut", "mut_once", (void)im_mut_once_try_borrow_mut(&mut_once));
    ASSERT_CAUGHT("release_mut", "mut_once", im_mut_once_release_mut(&mut_once));
    ASSERT_CAUGHT("borrow_mut", "mut_once", im_mut_once_with_mut(n, &mut_once) *n = 1);
    ASSERT_CAUGHT("borrow_mut", "mut_once", im_mut_once_try_with_mut(n, &mut_once) *n = 1);
    ASSERT_CAUGHT("get", "mut_once", (void)im_mut_once_get(&mut_once));
    ASSERT_CAUGHT("try_get", "mut_once", (void)im_mut_once_try_get(&mut_once));
    ASSERT_CAUGHT("is_fixed", "mut_once", (void)im_mut_once_is_fixed(&mut_once));
    end_elsewhere();
}

Test(thread_of_use, an_exclusive_operation_hands_over)
{
    use_elsewhere();
    *im_once_get_mut(&once) = 1;
    cr_assert_eq(*im_once_get(&once), 1);
    int taken = 0;
    cr_assert_eq(im_lazy_take(&lazy, &taken), 0);
    cr_assert_eq(*im_lazy_get(&lazy), 7);
    cr_assert_eq(im_mut_once_try_into_inner(&mut_once, &taken), 0);
    cr_assert(im_mut_once_is_fixed(&mut_once));
    end_elsewhere();
}

Test(thread_of_use, so_does_each_other_one)
{
    use_elsewhere();
    cr_assert_eq(im_once_try_destroy(&once, NULL), 0);
    cr_assert_null(im_once_get(&once));
    im_lazy_destroy(&lazy, NULL);
    cr_assert_null(im_lazy_peek(&lazy));
    cr_assert_not_null(im_mut_once_try_get_mut(&mut_once));
    cr_assert(im_mut_once_is_fixed(&mut_once));
    end_elsewhere();
}

Test(thread_of_use, so_does_each_end)
{
    int inner = 0;
    use_elsewhere();
    cr_assert_eq(im_once_into_inner(&once, &inner), 0);
    cr_assert_null(im_once_get(&once));
    cr_assert_eq(im_mut_once_into_inner(&mut_once), 1);
    cr_assert(im_mut_once_is_fixed(&mut_once));
    end_elsewhere();
}

Test(thread_of_use, a_hand_over_and_the_end_of_a_thread_are_enough)
{
    use_elsewhere();
    im_checked_hand_over(&once);
    cr_assert_eq(*im_once_get(&once), 7);
    ASSERT_CAUGHT("peek", "lazy", (void)im_lazy_peek(&lazy));
    end_elsewhere();
    cr_assert_eq(*im_lazy_peek(&lazy), 7);
    cr_assert_eq(*im_mut_once_get(&mut_once), 1);
}

typedef im_once(int) shared_once;
static shared_once shared;

static void *get_shared(void *unused)
{
    cr_assert_eq(*im_once_get_or_init(&shared, make, NULL), 7);
    sem_post(&has_used);
    sem_wait(&may_end);
    return unused;
}

Test(thread_of_use, cells_for_threads_are_nobodys)
{
    sem_init(&has_used, 0, 0);
    sem_init(&may_end, 0, 0);
    cr_assert_eq(pthread_create(&thread, NULL, get_shared, NULL), 0);
    sem_wait(&has_used);
    cr_assert_eq(*im_once_get(&shared), 7);
    end_elsewhere();
}
