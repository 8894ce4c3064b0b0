/* SPDX-License-Identifier: MIT */
/**
 * @file criterion.h
 * Criterion as it is, but an assertion that fails makes a call. Criterion has some thirty lines of code there, which at each
 * of three thousand assertions took gcc with sanitizers a third of its time.
 */
#ifndef TESTS_CRITERION_H
#define TESTS_CRITERION_H

#include_next <criterion/criterion.h>

#include <stdarg.h>

/** Tell Criterion what failed: in `message`, from it, or in what the test says after the 'x' of `format`. */
__attribute__((unused, cold, noinline, format(printf, 4, 5))) static void
criterion_send_failure(const char *file, unsigned line, char *message, const char *format, ...)
{
    char *said = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = cr_vasprintf(&said, format, arguments);
    va_end(arguments);
    struct criterion_assert_stats stats = {
        .passed = false, .file = file, .line = line, .message = length > 1 ? said + 1 : message};
    criterion_send_assert(&stats);
    cr_asprintf_free(said);
    cr_asprintf_free(message);
}

#undef cr_assert_impl
#define cr_assert_impl(Fail, Condition, ...)                                                                      \
    do {                                                                                                          \
        if (!!(Condition)) {                                                                                      \
            cri_asserts_passed_incr();                                                                            \
        } else {                                                                                                  \
            criterion_send_failure(__FILE__, __LINE__, CR_EXPAND(CR_TRANSLATE_DEF_MSG_(CR_VA_TAIL(__VA_ARGS__))), \
                                   "x" CR_VA_TAIL(CR_VA_TAIL(CR_VA_TAIL(__VA_ARGS__))));                          \
            Fail();                                                                                               \
        }                                                                                                         \
    } while (0)

#endif
