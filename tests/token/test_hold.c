/* SPDX-License-Identifier: MIT */
/* This file is built with IM_CHECKED=1: what a plain build says of holds is nothing. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <intermut/qcell.h>
#include <intermut/sync.h>

#include "../cell/panics.h"

typedef im_qcell(int) int_cell;

static struct im_qcell_owner owner = IM_QCELL_OWNER_PINNED_INIT(owner);
static int_cell cell = IM_QCELL_INIT(IM_QCELL_PINNED_ID(owner), 1);

/* What another thread does, and whether that was a panic. */
static void (*work)(void);
static bool has_panicked;

static void *work_elsewhere(void *unused)
{
    im_panic_set_handler(remember_panic);
    has_panicked = setjmp(panic_escape) != 0;
    if (!has_panicked)
        work();
    return unused;
}

static void assert_elsewhere(void (*what)(void), const char *panic)
{
    pthread_t thread;
    work = what;
    panic_message[0] = '\0';
    cr_assert_eq(pthread_create(&thread, NULL, work_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    cr_assert_eq(has_panicked, panic != NULL, "%s", panic_message);
    cr_assert_str_eq(panic_message, panic ? panic : "");
}

static void hold(void)
{
    im_owner_hold(&owner);
}
static void hold_shared(void)
{
    im_owner_hold_shared(&owner);
}
static void release(void)
{
    im_owner_release(&owner);
}
static void release_shared(void)
{
    im_owner_release_shared(&owner);
}
static void read_it(void)
{
    cr_assert_eq(*im_qcell_ro(&owner, &cell), 1);
}
static void write_it(void)
{
    *im_qcell_rw(&owner, &cell) = 1;
}
static void read_block(void)
{
    im_qcell_with_ro(p, &owner, &cell)
        cr_assert_eq(*p, 1);
}
static void write_block(void)
{
    im_qcell_with_rw(p, &owner, &cell)
        *p = 1;
}
static void hold_shared_for_a_while(void)
{
    hold_shared();
    read_it();
    release_shared();
}
static void try_all(void)
{
    int *p;
    const int_cell *cells[] = {&cell};
    cr_assert_null(im_qcell_try_ro(&owner, &cell));
    cr_assert_null(im_qcell_try_rw(&owner, &cell));
    cr_assert_eq(im_qcell_try_rw_n(&owner, 1, cells, &p), EBUSY);
    im_qcell_try_with_ro(v, &owner, &cell)
        cr_assert_fail("opened for %d", *v);
    im_qcell_try_with_rw(v, &owner, &cell)
        cr_assert_fail("opened for %d", *v);
}

Test(hold, an_exclusive_hold_keeps_other_threads_out)
{
    int held_at = __LINE__ + 1;
    im_owner_hold(&owner);
    read_it();
    write_it();
    write_block();
    assert_elsewhere(read_it, "cannot ro `cell`: `owner` is held by another thread");
    cr_assert_str_eq(panic_lines[0].label, "held");
    cr_assert_str_eq(panic_before.function, __func__);
    cr_assert_eq(panic_before.line, held_at);
    cr_assert_eq(panic_lines[0].thread, im_sync_thread_number());
    cr_assert_str_eq(panic_here.function, "read_it");
    assert_elsewhere(write_it, "cannot rw `cell`: `owner` is held by another thread");
    assert_elsewhere(read_block, "cannot ro `cell`: `owner` is held by another thread");
    assert_elsewhere(write_block, "cannot rw `cell`: `owner` is held by another thread");
    assert_elsewhere(hold, "cannot hold `owner`: it is held by another thread");
    assert_elsewhere(hold_shared, "cannot hold `owner`: it is held by another thread");
    assert_elsewhere(release, "cannot release `owner`: this thread does not hold it");
    assert_elsewhere(try_all, NULL);
    im_owner_release(&owner);
    assert_elsewhere(write_it, NULL);
}

Test(hold, a_shared_hold_keeps_the_writers_of_other_threads_out)
{
    im_owner_hold_shared(&owner);
    assert_elsewhere(read_it, NULL);
    assert_elsewhere(hold_shared_for_a_while, NULL);
    assert_elsewhere(write_it, "cannot rw `cell`: `owner` is held by another thread");
    assert_elsewhere(hold, "cannot hold `owner`: it is held by another thread");
    im_owner_release_shared(&owner);
    assert_elsewhere(write_it, NULL);
}

Test(hold, a_block_keeps_other_threads_out)
{
    im_qcell_with_ro(p, &owner, &cell) {
        assert_elsewhere(read_block, NULL);
        assert_elsewhere(write_block, "cannot rw `cell`: `owner` is held by a block");
        cr_assert_eq(panic_lines[0].thread, im_sync_thread_number());
        cr_assert_eq(*p, 1);
    }
}

Test(hold, what_is_not_held_cannot_be_released)
{
    ASSERT_PANICS(im_owner_release(&owner), "cannot release `owner`: this thread does not hold it");
    im_owner_hold(&owner);
    ASSERT_PANICS(im_owner_release_shared(&owner), "cannot release `owner`: this thread does not hold it shared");
    im_owner_release(&owner);
    ASSERT_PANICS(im_owner_release(&owner), "cannot release `owner`: this thread does not hold it");
}

Test(hold, threads_release_their_own_shared_holds)
{
    for (int i = 0; i < 2; i++) {
        hold_shared();
        assert_elsewhere(hold_shared, NULL);
        release_shared(); /* this thread's, though the other one's is of the same function, and later */
        cr_assert_eq(im_checked_borrows(&owner.im_raw.im_made, NULL, 0), (size_t)i + 1);
    }
    ASSERT_PANICS(im_owner_release_shared(&owner), "cannot release `owner`: this thread does not hold it shared");
}

Test(hold, an_owner_that_has_ended_is_still_released)
{
    struct im_qcell_owner local;
    im_qcell_owner_new_pinned(&local);
    im_owner_hold(&local);
    im_qcell_owner_end(&local);
    im_owner_release(&local);
    cr_assert_eq(im_checked_borrows(&local.im_raw.im_made, NULL, 0), 0);
}
