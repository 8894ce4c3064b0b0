/* SPDX-License-Identifier: MIT */
/** @file redirect.h Standard error in a file, to be compared. */
#ifndef CRITERION_REDIRECT_H
#define CRITERION_REDIRECT_H

#include <criterion/criterion.h>

static FILE *criterion_stderr;

static inline void cr_redirect_stderr(void)
{
    criterion_stderr = tmpfile();
    dup2(fileno(criterion_stderr), STDERR_FILENO);
}

static inline bool criterion_stderr_is(const char *expected)
{
    static char text[65536];
    fflush(stderr);
    rewind(criterion_stderr);
    text[fread(text, 1, sizeof text - 1, criterion_stderr)] = '\0';
    return strcmp(text, expected) == 0;
}

#define cr_assert_stderr_eq_str(expected, ...) cr_assert(criterion_stderr_is(expected))

#endif
