/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include <intermut/panic.h>
#include <intermut/sync.h>

static jmp_buf escape;
static struct im_panic_info seen;
static char message[256];

static void remember_and_escape(const struct im_panic_info *info)
{
    seen = *info;
    strncpy(message, info->message, sizeof message - 1);
    longjmp(escape, 1);
}

static void come_back(const struct im_panic_info *info)
{
    (void)info;
}

Test(panic, handler_is_told_what_and_where)
{
    im_panic_set_handler(remember_and_escape);
    if (setjmp(escape) == 0)
        im_panic((struct im_site){"now.c", "here", 3}, (struct im_site){"before.c", "there", 7}, "rule %d broken", 42);
    cr_assert_str_eq(message, "rule 42 broken");
    cr_assert_str_eq(seen.here.file, "now.c");
    cr_assert_str_eq(seen.here.function, "here");
    cr_assert_eq(seen.here.line, 3);
    cr_assert_str_eq(seen.before.file, "before.c");
}

Test(panic, set_handler_returns_the_one_before)
{
    cr_assert_null(im_panic_set_handler(come_back));
    cr_assert_eq(im_panic_set_handler(NULL), come_back);
    cr_assert_null(im_panic_set_handler(NULL));
}

Test(panic, a_handler_that_returns_does_not_save_the_program, .signal = SIGABRT)
{
    im_panic_set_handler(come_back);
    im_panic(IM_HERE, (struct im_site){0}, "broken");
}

Test(panic, default_aborts, .signal = SIGABRT)
{
    im_panic(IM_HERE, (struct im_site){0}, "broken");
}

static void print_default(void)
{
    cr_redirect_stderr();
}

static void abort_to_escape(int signal)
{
    (void)signal;
    longjmp(escape, 1);
}

Test(panic, default_prints_message_and_both_places, .init = print_default)
{
    signal(SIGABRT, abort_to_escape);
    if (setjmp(escape) == 0)
        im_panic((struct im_site){"now.c", "here", 3}, (struct im_site){"before.c", "there", 7}, "rule broken");
    char expected[256];
    snprintf(expected, sizeof expected,
             "intermut: rule broken\n"
             "  here:    now.c:3    in here()    thread %ld\n"
             "  before:  before.c:7 in there()\n",
             im_sync_thread_number());
    cr_assert_stderr_eq_str(expected);
}

static const struct im_panic_line borrows[] = {
    {"borrowed", {"editor.c", "render_line", 88}, 4711},
    {NULL, {"editor.c", "render_cursor", 95}, 4712},
};

Test(panic, a_list_of_places_stands_in_columns, .init = print_default)
{
    signal(SIGABRT, abort_to_escape);
    if (setjmp(escape) == 0)
        im_panic_with((struct im_site){"editor.c", "save", 212}, borrows, 2, 2, "rule broken");
    char expected[512];
    snprintf(expected, sizeof expected,
             "intermut: rule broken\n"
             "  here:      editor.c:212 in save()            thread %ld\n"
             "  borrowed:  editor.c:88  in render_line()     thread 4711   (1 of 2)\n"
             "             editor.c:95  in render_cursor()   thread 4712   (2 of 2)\n",
             im_sync_thread_number());
    cr_assert_stderr_eq_str(expected);
}

Test(panic, what_a_list_leaves_out_is_counted, .init = print_default)
{
    static const struct im_panic_line unknown[] = {{"locked", {NULL, NULL, 0}, 7}, {"waits", {"a.c", "f", 1}, 0}};
    signal(SIGABRT, abort_to_escape);
    if (setjmp(escape) == 0)
        im_panic_with((struct im_site){0}, unknown, 2, 5, "rule broken");
    cr_assert_stderr_eq_str("intermut: rule broken\n"
                            "  locked:  a place that is not recorded   thread 7   (1 of 5)\n"
                            "  waits:   a.c:1 in f()   (2 of 5)\n"
                            "           and 3 more\n");
}

static void print_and_escape(const struct im_panic_info *info)
{
    im_panic_print(info);
    longjmp(escape, 1);
}

Test(panic, a_handler_can_print_the_report_and_go_on, .init = print_default)
{
    im_panic_set_handler(print_and_escape);
    if (setjmp(escape) == 0)
        im_panic_with((struct im_site){0}, NULL, 0, 0, "rule broken");
    cr_assert_stderr_eq_str("intermut: rule broken\n");
}

Test(panic, handler_is_told_every_place)
{
    im_panic_set_handler(remember_and_escape);
    if (setjmp(escape) == 0)
        im_panic_with(IM_HERE, borrows, 2, 3, "rule broken");
    cr_assert_eq(seen.lines, borrows);
    cr_assert_eq(seen.line_count, 2);
    cr_assert_eq(seen.total, 3);
    cr_assert_eq(seen.before.line, 88);
    cr_assert_eq(seen.thread, im_sync_thread_number());
}

Test(panic, a_message_too_long_is_cut_not_overrun, .init = print_default)
{
    char endless[4096];
    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    signal(SIGABRT, abort_to_escape);
    im_panic_set_handler(NULL);
    if (setjmp(escape) == 0)
        im_panic(IM_HERE, (struct im_site){endless, "there", 1}, "%s", endless);
}
