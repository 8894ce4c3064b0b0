/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "markers.h"

static books_owner owner;

#define SUITE tcell
#define OP(name) im_tcell_##name
#define CELL(T) im_tcell(books, T)
#define VALUE(...) IM_TCELL_INIT(__VA_ARGS__)
#define BEGIN im_tcell_owner_new(books, &owner)
#define END im_tcell_owner_end(books, &owner)
#define BLOCKS_ARE_KEPT 1
#include "operations.h"

IM_TCELL_MARKER(shelves);
typedef im_tcell_owner(shelves) shelves_owner;

static int_cell static_cell = IM_TCELL_INIT(5);

Test(tcell, there_is_one_owner_of_a_marker_at_a_time)
{
    int made_at = __LINE__ + 1;
    im_tcell_owner_new(books, &owner);
    books_owner second = {.im_raw = {.im_key = 0}};
    cr_assert_eq(im_tcell_owner_try_new(books, &second), EBUSY);
    cr_assert_eq(try_to_make_books_elsewhere(&second), EBUSY);
    cr_assert_eq(second.im_raw.im_key, 0);
    ASSERT_PANICS(im_tcell_owner_new(books, &second), "cannot make `second`: its marker has an owner");
    cr_assert_str_eq(panic_lines[0].label, "made");
    cr_assert_str_eq(panic_before.function, __func__);
    cr_assert_eq(panic_before.line, made_at);

    shelves_owner other; /* another marker has its own */
    im_tcell_owner_new(shelves, &other);
    im_tcell_owner_end(shelves, &other);

    im_tcell_owner_end(books, &owner);
    cr_assert_eq(try_to_make_books_elsewhere(&second), 0);
    cr_assert_eq(im_tcell_owner_try_new(books, &owner), EBUSY);
    cr_assert_eq(*im_tcell_ro(&second, &static_cell), 5);
    im_tcell_owner_end(books, &second);
}

Test(tcell, an_owner_that_is_not_one_opens_nothing)
{
    cr_assert_null(im_tcell_try_ro(&owner, &static_cell));
    ASSERT_PANICS((void)im_tcell_rw(&owner, &static_cell),
                  "cannot rw `static_cell`: `owner` has not been made, or has ended");
    ASSERT_PANICS(im_tcell_owner_end(books, &owner), "cannot end `owner`: it has not been made, or has ended");
    im_tcell_owner_new(books, &owner);
    im_tcell_owner_end(books, &owner);
    cr_assert_null(im_tcell_try_rw(&owner, &static_cell));
    int_cell other = IM_TCELL_INIT(1);
    int *p, *q;
    cr_assert_eq(im_tcell_try_rw2(&owner, &other, &static_cell, &p, &q), EPERM);
    ASSERT_PANICS(im_tcell_owner_end(books, &owner), "cannot end `owner`: it has not been made, or has ended");
}

Test(tcell, an_owner_does_not_end_in_a_block)
{
    im_tcell_owner_new(books, &owner);
    im_tcell_with_rw(p, &owner, &static_cell)
        ASSERT_PANICS(im_tcell_owner_end(books, &owner), "cannot end `owner`: it is held by a block");
    im_tcell_owner_end(books, &owner);
}

static void *count_once_alone(void *unused)
{
    books_owner mine;
    im_tcell_owner_wait_for_new(books, &mine);
    *im_tcell_rw(&mine, &static_cell) += 1;
    im_tcell_owner_end(books, &mine);
    return unused;
}

Test(tcell, who_waits_is_next)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    im_tcell_owner_wait_for_new(books, &owner); /* at once */
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, count_once_alone, NULL), 0);
    cr_assert_eq(*im_tcell_ro(&owner, &static_cell), 5);
    im_tcell_owner_end(books, &owner);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    im_tcell_owner_new(books, &owner);
    cr_assert_eq(*im_tcell_ro(&owner, &static_cell), 5 + THREADS);
    im_tcell_owner_end(books, &owner);
}

/* An owner may go to another thread, and end there. */
static void *end_it(void *unused)
{
    *im_tcell_rw(&owner, &static_cell) = 6;
    im_tcell_owner_end(books, &owner);
    return unused;
}

Test(tcell, an_owner_may_be_handed_to_another_thread)
{
    pthread_t thread;
    im_tcell_owner_new(books, &owner);
    pthread_create(&thread, NULL, end_it, NULL);
    pthread_join(thread, NULL);
    im_tcell_owner_new(books, &owner);
    cr_assert_eq(*im_tcell_ro(&owner, &static_cell), 6);
    im_tcell_owner_end(books, &owner);
}
