/* SPDX-License-Identifier: MIT */
/* This file is built with IM_CHECKED=1, plain_borrows.c beside it without: they share cells and guards. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <pthread.h>
#include <stdio.h>

#include <intermut/sync.h>

#include "panics.h"
#include "plain_borrows.h"

#define LIST(cell, list) im_checked_borrows(cell, list, sizeof list / sizeof list[0])

static int render_line_at, render_cursor_at;

static void render_line(const pair_cell *cell)
{
    render_line_at = __LINE__ + 1;
    (void)im_refcell_borrow(cell);
}

static void render_cursor(const pair_cell *cell)
{
    render_cursor_at = __LINE__ + 1;
    (void)im_refcell_borrow(cell);
}

Test(checked, a_panic_names_every_borrow)
{
    static struct {
        pair_cell text;
    } document, *doc = &document;
    render_line(&doc->text);
    render_cursor(&doc->text);
    ASSERT_PANICS((void)im_refcell_borrow_mut(&doc->text), "cannot borrow_mut `doc->text`: already borrowed");
    cr_assert_eq(panic_total, 2);
    cr_assert_str_eq(panic_lines[0].label, "borrowed");
    cr_assert_str_eq(panic_lines[0].site.function, "render_line");
    cr_assert_eq(panic_lines[0].site.line, render_line_at);
    cr_assert_eq(panic_lines[0].thread, im_sync_thread_number());
    cr_assert_str_eq(panic_lines[1].site.function, "render_cursor");
    cr_assert_eq(panic_lines[1].site.line, render_cursor_at);
    cr_assert_eq(panic_before.line, render_line_at);
}

Test(checked, every_borrow_is_counted_where_the_list_is_too_long)
{
    static pair_cell cell;
    for (int i = 0; i < 100; i++)
        render_line(&cell);
    ASSERT_PANICS((void)im_refcell_replace(&cell, (pair){0, 0}), "cannot replace `cell`: already borrowed");
    cr_assert_eq(panic_total, 100);
    cr_assert_str_eq(panic_lines[3].site.function, "render_line");
}

Test(checked, a_failed_try_can_be_explained)
{
    pair_cell cell = IM_REFCELL_INIT({1, 2});
    (void)im_refcell_borrow_mut(&cell);
    int line = __LINE__ - 1;
    cr_assert_null(im_refcell_try_borrow(&cell));
    struct im_checked_borrow borrows[3];
    cr_assert_eq(LIST(&cell, borrows), 1);
    cr_assert_eq(borrows[0].place->site.line, line);
    cr_assert_str_eq(borrows[0].place->site.function, __func__);
    cr_assert_str_eq(borrows[0].place->expression, "&cell");
    cr_assert_eq(borrows[0].thread, im_sync_thread_number());
    cr_assert(borrows[0].exclusive);
    char text[200];
    cr_assert_eq(im_checked_describe(&cell, text, sizeof text), 1);
    cr_assert_not_null(strstr(text, "(1 of 1)"));
    im_refcell_release_mut(&cell);
    cr_assert_eq(LIST(&cell, borrows), 0);
    cr_assert_eq(im_checked_describe(&cell, text, sizeof text), 0);
    cr_assert_str_eq(text, "");
}

Test(checked, a_description_fits_any_buffer)
{
    pair_cell cell = IM_REFCELL_INIT({1, 2});
    for (int i = 0; i < 5; i++)
        render_line(&cell);
    for (size_t size = 0; size < 600; size++) {
        char text[600];
        memset(text, '#', sizeof text);
        cr_assert_eq(im_checked_describe(&cell, text, size), 5);
        cr_assert(!size || memchr(text, '\0', size));
        cr_assert(size == sizeof text || text[size] == '#');
    }
    im_refcell_undo_leak(&cell);
}

static void release_here(const pair_cell *cell)
{
    (void)im_refcell_borrow(cell);
    render_cursor(cell);
    im_refcell_release(cell); /* its own, though render_cursor's is later */
}

Test(checked, a_release_ends_the_borrow_of_its_own_function)
{
    pair_cell cell = IM_REFCELL_INIT({1, 2});
    struct im_checked_borrow borrows[2];
    release_here(&cell);
    cr_assert_eq(LIST(&cell, borrows), 1);
    cr_assert_str_eq(borrows[0].place->site.function, "render_cursor");
    im_refcell_release(&cell);
    cr_assert_eq(LIST(&cell, borrows), 0);
}

Test(checked, blocks_and_guards_are_recorded)
{
    pair_cell cell = IM_REFCELL_INIT({1, 2});
    struct im_checked_borrow borrows[4];
    im_refcell_with(p, &cell)
        cr_assert_eq(LIST(&cell, borrows), (size_t)p->left);
    im_refcell_try_with_mut(p, &cell)
        cr_assert_eq(LIST(&cell, borrows), (size_t)p->left);
    cr_assert_eq(LIST(&cell, borrows), 0);

    pair_ref whole = im_refcell_borrow_ref(pair_ref, &cell);
    pair_ref clone = im_ref_clone(&whole);
    cr_assert_eq(LIST(&cell, borrows), 2);
    int_ref left = {0}, right = {0};
    im_ref_map_split(&whole, p, (&left, &p->left), (&right, &p->right));
    int split_at = __LINE__ - 1;
    cr_assert_eq(LIST(&cell, borrows), 3);
    im_ref_release(&clone);
    im_ref_release(&left);
    cr_assert_eq(LIST(&cell, borrows), 1);
    cr_assert_eq(borrows[0].place->site.line, split_at);
    im_ref_release(&right);
    cr_assert_eq(LIST(&cell, borrows), 0);

    {
        IM_REF_MUT_SCOPED pair_ref_mut writer = im_refcell_borrow_ref_mut(pair_ref_mut, &cell);
        cr_assert_eq(LIST(&cell, borrows), 1);
        cr_assert(im_ref_mut_get(&writer) && borrows[0].exclusive);
    }
    cr_assert_eq(LIST(&cell, borrows), 0);
}

Test(checked, the_guard_that_ends_is_the_one_that_is_forgotten)
{
    pair_cell cell = IM_REFCELL_INIT({1, 2});
    struct im_checked_borrow borrows[2];
    pair_ref first = im_refcell_borrow_ref(pair_ref, &cell);
    int_ref right = im_ref_map(int_ref, &first, p, &p->right);
    pair_ref second = im_refcell_borrow_ref(pair_ref, &cell);
    int second_at = __LINE__ - 1;
    im_ref_release(&right); /* not the latest one */
    cr_assert_eq(LIST(&cell, borrows), 1);
    cr_assert_eq(borrows[0].place->site.line, second_at);
    im_ref_release(&second);
}

Test(checked, checked_and_plain_objects_share_cells_and_guards)
{
    static pair_cell cell;
    struct im_checked_borrow borrows[4];
    cr_assert_eq(plain_size_of_cell(), sizeof(pair_cell));
    cr_assert_eq(plain_size_of_guard(), sizeof(pair_ref));

    plain_borrow(&cell); /* counted, not named */
    cr_assert_null(im_refcell_try_borrow_mut(&cell));
    cr_assert_eq(LIST(&cell, borrows), 0);
    ASSERT_PANICS_LIKE((void)im_refcell_borrow_mut(&cell), "cannot borrow_mut `cell`: already borrowed");
    im_refcell_release(&cell);
    cr_assert_eq(cell.im_raw.borrows, 0);

    (void)im_refcell_borrow(&cell);
    plain_release(&cell); /* the record stays, until a borrow knows that it is alone */
    (void)im_refcell_borrow_mut(&cell);
    cr_assert_eq(LIST(&cell, borrows), 1);
    cr_assert(borrows[0].exclusive);
    im_refcell_release_mut(&cell);

    pair_ref guard = plain_borrow_ref(&cell);
    cr_assert_eq(cell.im_raw.borrows, 1);
    im_ref_release(&guard);
    cr_assert_eq(cell.im_raw.borrows, 0);
}

static bool was_caught;

static void *borrow_elsewhere(void *cell)
{
    im_panic_set_handler(remember_panic);
    was_caught = setjmp(panic_escape) != 0;
    if (!was_caught)
        (void)im_refcell_borrow((const pair_cell *)cell);
    return NULL;
}

Test(checked, a_borrow_while_another_thread_has_one_is_caught)
{
    static pair_cell cell;
    pthread_t thread;
    render_line(&cell);
    pthread_create(&thread, NULL, borrow_elsewhere, &cell);
    pthread_join(thread, NULL);
    cr_assert(was_caught);
    cr_assert_str_eq(panic_message, "cannot borrow `(const pair_cell *)cell`: another thread uses it");
    cr_assert_str_eq(panic_here.function, "borrow_elsewhere");
    cr_assert_str_eq(panic_before.function, "render_line");
    cr_assert_eq(cell.im_raw.borrows, 1);
    im_refcell_release(&cell);
    im_checked_hand_over(&cell); /* free, it may go to another thread */
    pthread_create(&thread, NULL, borrow_elsewhere, &cell);
    pthread_join(thread, NULL);
    cr_assert(!was_caught);
    ASSERT_PANICS_LIKE((void)im_refcell_borrow_mut(&cell),
                       "cannot borrow_mut `cell`: already borrowed, by another thread");
}

Test(checked, a_use_after_the_end_names_the_end)
{
    static pair_cell cell, taken;
    im_refcell_destroy(&cell);
    int destroyed_at = __LINE__ - 1;
    ASSERT_PANICS((void)im_refcell_borrow(&cell), "cannot borrow `cell`: already destroyed");
    cr_assert_str_eq(panic_lines[0].label, "destroyed");
    cr_assert_eq(panic_lines[0].site.line, destroyed_at);
    ASSERT_PANICS(im_refcell_release_mut(&cell), "cannot release_mut `cell`: already destroyed");

    /* Here, into_inner is an end too. */
    (void)im_refcell_into_inner(&taken);
    ASSERT_PANICS((void)im_refcell_borrow(&taken), "cannot borrow `taken`: already destroyed");
    cr_assert_eq(panic_lines[0].site.line, __LINE__ - 2);
    memset(&taken, 0, sizeof taken);
    cr_assert_eq(im_refcell_borrow(&taken)->left, 0);
}

Test(checked, the_report_lists_what_was_never_released, .init = cr_redirect_stderr)
{
    static pair_cell cell;
    char line[256];
    cr_assert_eq(im_checked_report(), 0);
    render_line(&cell);
    cr_assert_eq(im_checked_report(), 1);
    snprintf(line, sizeof line, "intermut: `cell` is still borrowed\n  borrowed: %s:%d in render_line()  thread %ld\n",
             __FILE__, render_line_at, im_sync_thread_number());
    fflush(stderr);
    cr_assert_stderr_eq_str(line);
}
