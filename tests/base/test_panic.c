/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <criterion/redirect.h>

#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include <intermut/panic.h>

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
    cr_assert_stderr_eq_str("intermut: rule broken\n"
                            "  here:   now.c:3 in here()\n"
                            "  before: before.c:7 in there()\n");
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
