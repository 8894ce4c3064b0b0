/* SPDX-License-Identifier: MIT */
/* What a panic prints, to the letter: the report that refcell.h shows, from a file of the same name. IM_CHECKED=1. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

#include <intermut/refcell.h>
#include <intermut/sync.h>

typedef im_refcell(int) text_cell;
struct document {
    text_cell text;
};

static sigjmp_buf aborted;

static void go_on(int signal)
{
    (void)signal;
    siglongjmp(aborted, 1);
}

/* clang-format off */
#line 88 "editor.c"
static void render_line(const struct document *doc) { (void)im_refcell_borrow(&doc->text); }
#line 95 "editor.c"
static void render_cursor(const struct document *doc) { (void)im_refcell_borrow(&doc->text); }
#line 212 "editor.c"
static void save(const struct document *doc) { (void)im_refcell_borrow_mut(&doc->text); }
/* clang-format on */

Test(report, is_what_the_header_shows, .init = cr_redirect_stderr)
{
    static struct document document;
    char expected[512];
    long thread = im_sync_thread_number();
    render_line(&document);
    render_cursor(&document);
    signal(SIGABRT, go_on);
    if (sigsetjmp(aborted, 1) == 0)
        save(&document);
    snprintf(expected, sizeof expected,
             "intermut: cannot borrow_mut `doc->text`: already borrowed\n"
             "  here:      editor.c:212 in save()            thread %ld\n"
             "  borrowed:  editor.c:88  in render_line()     thread %ld   (1 of 2)\n"
             "             editor.c:95  in render_cursor()   thread %ld   (2 of 2)\n",
             thread, thread, thread);
    fflush(stderr);
    cr_assert_stderr_eq_str(expected);
}
