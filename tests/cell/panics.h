/* SPDX-License-Identifier: MIT */
/* What a panic says, for tests that go on after it. */
#ifndef PANICS_H
#define PANICS_H

#include <criterion/criterion.h>

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <intermut/panic.h>

static jmp_buf panic_escape;
static char panic_message[512];
static struct im_site panic_here, panic_before;
static struct im_panic_line panic_lines[4];
static size_t panic_total;

static void remember_panic(const struct im_panic_info *info)
{
    strncpy(panic_message, info->message, sizeof panic_message - 1);
    panic_here = info->here;
    panic_before = info->before;
    panic_total = info->total;
    for (size_t i = 0; i < sizeof panic_lines / sizeof panic_lines[0]; i++)
        panic_lines[i] = i < info->line_count ? info->lines[i] : (struct im_panic_line){0};
    longjmp(panic_escape, 1);
}

/* `broken`, a statement, panics at this line with a message that begins with `expected`. */
#define ASSERT_PANICS_LIKE(broken, expected)                                                                      \
    do {                                                                                                          \
        im_panic_set_handler(remember_panic);                                                                     \
        if (setjmp(panic_escape) == 0) {                                                                          \
            broken;                                                                                               \
            cr_assert_fail("should have panicked");                                                               \
        }                                                                                                         \
        cr_assert_eq(strncmp(panic_message, expected, strlen(expected)), 0, "the panic says: %s", panic_message); \
        cr_assert_str_eq(panic_here.function, __func__);                                                          \
        /* The compilers number the lines of a call over several lines differently. */                            \
        cr_assert(abs(panic_here.line - __LINE__) <= 2);                                                          \
    } while (0)

/* The same, and the message ends there. */
#define ASSERT_PANICS(broken, expected)            \
    do {                                           \
        ASSERT_PANICS_LIKE(broken, expected);      \
        cr_assert_str_eq(panic_message, expected); \
    } while (0)

#endif
