/* SPDX-License-Identifier: MIT */
/*
 * Two writers of what has one at a time: the second one panics, and both are named. So does who would wait for its own
 * thread, and who has no object. IM_CHECKED=1.
 */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/latch.h>
#include <intermut/spin.h>

#include "../cell/panics.h"

typedef im_single_seqlock(int) int_single;
static int_single single;
static im_latch(int) latch;
static struct im_seqcount count;
static int begun_at;

static void *exit_inside(void *unused)
{
    im_seqlock_with(p, &single)
    {
        pthread_exit(unused);
    }
    return NULL;
}

#define ASSERT_SECOND(operation, use)                                                    \
    do {                                                                                 \
        ASSERT_PANICS(use, "cannot " operation " `single`: another write is under way"); \
        cr_assert_str_eq(panic_lines[0].label, "writes");                                \
        cr_assert_str_eq(panic_lines[0].site.function, __func__);                        \
        cr_assert_eq(panic_lines[0].site.line, begun_at);                                \
    } while (0)

static void add(int *value, void *context)
{
    *value += *(int *)context;
}

Test(checked, a_second_write_panics_and_names_the_first)
{
    int one = 1;
    begun_at = __LINE__ + 1;
    im_seqlock_with(p, &single)
    {
        *p = 5;
        ASSERT_SECOND("store", im_seqlock_store(&single, 2));
        ASSERT_SECOND("swap", (void)im_seqlock_swap(&single, 2));
        ASSERT_SECOND("update", (void)im_seqlock_update(&single, n, n + 1));
        ASSERT_SECOND("update_by", im_seqlock_update_by(&single, add, &one));
        ASSERT_SECOND("update", im_seqlock_with(q, &single) *q = 3);
    }
    cr_assert_eq(im_seqlock_load(&single), 5, "the first one is not disturbed");
}

Test(checked, a_write_that_is_over_is_no_obstacle)
{
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        im_seqlock_store(&single, i);
        (void)im_seqlock_update(&single, n, n + 1);
        im_seqlock_with(p, &single) break;
        cr_assert_eq(pthread_create(&thread, NULL, exit_inside, NULL), 0);
        pthread_join(thread, NULL);
        im_latch_store(&latch, i);
        uint64_t write = im_seqcount_write_begin(&count);
        i % 2 ? im_seqcount_write_end(&count, write) : im_seqcount_write_abort(&count, write);
    }
    cr_assert_eq(im_seqlock_load(&single), 3);
    struct im_checked_borrow left;
    cr_assert_eq(im_checked_borrows(&single, &left, 1), 0);
    cr_assert_eq(im_checked_borrows(&latch, &left, 1), 0);
    cr_assert_eq(im_checked_borrows(&count, &left, 1), 0);
}

static void *write_elsewhere(void *unused)
{
    begun_at = __LINE__ + 1;
    (void)im_seqcount_write_begin(&count);
    return unused;
}

Test(checked, a_writer_of_another_thread_is_named)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, write_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    ASSERT_PANICS((void)im_seqcount_write_begin(&count), "cannot write_begin `count`: another write is under way");
    cr_assert_str_eq(panic_lines[0].site.function, "write_elsewhere");
    cr_assert_eq(panic_lines[0].site.line, begun_at);
}

Test(checked, a_latch_has_one_writer_too)
{
    im_checked_write_begins(&latch, "store", IM_PLACE("&latch")); /* as one that is in the middle of it */
    ASSERT_PANICS(im_latch_store(&latch, 1), "cannot store `latch`: another write is under way");
}

Test(checked, many_writers_are_right)
{
    static im_seqlock(int) many, other;
    im_seqlock_with(p, &many)
    {
        im_seqlock_store(&other, 2);
        *p = im_seqlock_load(&other);
    }
    cr_assert_eq(im_seqlock_load(&many), 2);
}

static im_seqlock(int) own;

#define ASSERT_WAITS_FOR_ITSELF(operation, use)                                             \
    do {                                                                                    \
        ASSERT_PANICS(use, "cannot " operation " `own`: it would wait for its own thread"); \
        cr_assert_eq(panic_lines[0].site.line, begun_at);                                   \
    } while (0)

Test(checked, an_update_that_would_wait_for_itself_panics)
{
    static int seen;
    begun_at = __LINE__ + 1;
    im_seqlock_with(p, &own)
    {
        *p = 3;
        ASSERT_WAITS_FOR_ITSELF("load", (void)im_seqlock_load(&own));
        ASSERT_WAITS_FOR_ITSELF("load", im_seqlock_load_into(&own, &seen));
        ASSERT_WAITS_FOR_ITSELF("store", im_seqlock_store(&own, 2));
        ASSERT_WAITS_FOR_ITSELF("swap", (void)im_seqlock_swap(&own, 2));
        ASSERT_WAITS_FOR_ITSELF("update", (void)im_seqlock_update(&own, n, n + 1));
        ASSERT_WAITS_FOR_ITSELF("update", im_seqlock_with(q, &own) *q = 3);
        cr_assert_not(im_seqlock_try_load(&own, &seen));
    }
    im_seqlock_with(p, &own) break;
    cr_assert_eq(im_seqlock_load(&own), 3);
    im_seqlock_with(p, &single)
        ASSERT_PANICS((void)im_seqlock_load(&single), "cannot load `single`: it would wait for its own thread");
}

static void *update_often(void *unused)
{
    for (int i = 0; i < 2000; i++) {
        (void)im_seqlock_update(&own, n, n + 1);
        (void)im_seqlock_load(&own);
    }
    return unused;
}

Test(checked, writers_of_other_threads_are_waited_for)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, update_often, NULL), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_seqlock_load(&own), 6000);
}

/* ---- im_spin ---- */

static im_spin(int) spin;

#define ASSERT_SPINS_FOR_EVER(operation, use)                                                \
    do {                                                                                     \
        ASSERT_PANICS(use, "cannot " operation " `spin`: it would wait for its own thread"); \
        cr_assert_eq(panic_lines[0].site.line, begun_at);                                    \
    } while (0)

static int misuse(void)
{
    ASSERT_SPINS_FOR_EVER("load", (void)im_spin_load(&spin));
    ASSERT_SPINS_FOR_EVER("store", im_spin_store(&spin, 2));
    ASSERT_SPINS_FOR_EVER("swap", (void)im_spin_swap(&spin, 2));
    ASSERT_SPINS_FOR_EVER("update", (void)im_spin_update(&spin, n, n + 1));
    return 5;
}

Test(checked, a_spin_that_would_wait_for_itself_panics)
{
    begun_at = __LINE__ + 1;
    cr_assert_eq(im_spin_update(&spin, n, n + misuse()), 5);
    cr_assert_eq(im_spin_load(&spin), 5, "the first one is not disturbed");
    struct im_checked_borrow left;
    cr_assert_eq(im_checked_borrows(&spin.im_lock, &left, 1), 0);
}

static void *spin_often(void *unused)
{
    for (int i = 0; i < 2000; i++) {
        (void)im_spin_update(&spin, n, n + 1);
        (void)im_spin_load(&spin);
    }
    return unused;
}

Test(checked, spins_of_other_threads_are_waited_for)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, spin_often, NULL), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(im_spin_load(&spin), 6000);
}

Test(checked, a_null_pointer_is_named)
{
    const im_seqlock(int) *volatile no_lock = NULL;
    const int_single *volatile no_single = NULL;
    const im_latch(int) *volatile no_latch = NULL;
    const im_spin(int) *volatile no_spin = NULL;
    int seen;
    ASSERT_PANICS((void)im_seqlock_load(no_lock), "`no_lock` is a NULL pointer");
    ASSERT_PANICS(im_seqlock_load_into(no_single, &seen), "`no_single` is a NULL pointer");
    ASSERT_PANICS(im_seqlock_store(no_lock, 1), "`no_lock` is a NULL pointer");
    ASSERT_PANICS((void)im_seqlock_update(no_single, n, n + 1), "`no_single` is a NULL pointer");
    ASSERT_PANICS(im_latch_store(no_latch, 1), "`no_latch` is a NULL pointer");
    ASSERT_PANICS((void)im_spin_load(no_spin), "`no_spin` is a NULL pointer");
    ASSERT_PANICS(im_spin_store(no_spin, 1), "`no_spin` is a NULL pointer");
}
