/* SPDX-License-Identifier: MIT */
/* The records where memory is short: less is found then, and nothing that is not there; and where they are locked. */
#include "../scarce_memory.h"

#define malloc scarce_malloc
#define calloc scarce_calloc
#include "../../lock/checked.c"
#undef malloc
#undef calloc

#include "checked_locks.h"

#include <criterion/redirect.h>

static fake a, b, c, condvar;

static pthread_barrier_t barrier;

static void *read_a_meanwhile(void *unused)
{
    READ(a);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    UNREAD(a);
    return unused;
}

static void use_everything(void)
{
    const struct im_lock_class *class = im_lock_class("class");
    int error = im_lock_set_class(&c, class, 0);
    cr_assert(error == 0 || error == ENOMEM);
    LOCK(a);
    LOCK(b);
    LOCK(c);
    UNLOCK(b);
    UNLOCK(a);
    UNLOCK(c);
    pthread_t thread;
    pthread_barrier_init(&barrier, NULL, 2);
    DESTROY(a);
    READ(a);
    pthread_create(&thread, NULL, read_a_meanwhile, NULL);
    pthread_barrier_wait(&barrier);
    UNREAD(a); /* though perhaps only the other one is on record */
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    im_lock_checked_condvar_wait(&condvar, &a, NULL);
    im_lock_checked_condvar_woken(&condvar);
    im_lock_forget(&a, sizeof a);
    DESTROY(b);
    DESTROY(c);
}

static void run_out_at_any_moment(unsigned long long pattern)
{
    im_panic_set_handler(remember_and_escape);
    for (long left = 0; left < 40; left++) {
        has_gaps = false;
        allocations_left = left;
        failures = pattern;
        if (setjmp(escape) == 0)
            use_everything();
        cr_assert_eq(reports, 0, "with %ld allocations, then %llx: %s", left, pattern, reported);
        failures = 0;
        if (setjmp(escape) == 0)
            use_everything();
        cr_assert_eq(reports, 0, "with enough memory after %ld allocations: %s", left, reported);
    }
}

Test(memory, that_runs_out_at_any_moment_gives_no_alarm)
{
    run_out_at_any_moment(~0ull);
}

Test(memory, that_is_missing_for_a_moment_gives_no_alarm)
{
    for (unsigned long long pattern = 1; pattern < 16; pattern += 2)
        run_out_at_any_moment(pattern);
}

Test(memory, that_is_there_is_enough_for_40_allocations)
{
    allocations_left = 40;
    use_everything();
    cr_assert(allocations_left > 0, "the tests before this one have not tried them all");
}

Test(memory, that_is_missing_does_not_repeat_a_danger_for_ever)
{
    im_lock_set_handler(remember);
    LOCK(a);
    LOCK(b);
    UNLOCK(a);
    allocations_left = 0;
    failures = ~0ull;
    im_lock_checked_waiting(&a, IM_LOCK_EXCLUSIVE, NULL);
    cr_assert_eq(reports, 1);
}

Test(memory, a_class_without_any_is_an_error)
{
    allocations_left = 0;
    failures = ~0ull;
    cr_assert_null(im_lock_class("class"));
    cr_assert_eq(im_lock_set_class(&a, NULL, 0), ENOMEM);
}

/* In a debugger, the thread that changes the records may stand still. */
Test(dump, does_not_wait_for_the_records, .init = cr_redirect_stderr)
{
    char text[256];
    LOCK(a);
    im_sync_mutex_lock(&guard);
    im_lock_dump();
    im_sync_mutex_unlock(&guard);
    UNLOCK(a);
    fflush(stderr);
    FILE *file = cr_get_redirected_stderr();
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    cr_assert_not_null(strstr(text, "holds `a`"), "%s", text);
}
