/* SPDX-License-Identifier: MIT */
/**
 * @file criterion.h
 * As much of Criterion as our tests use, for machines that have no package of it: each test in a process of its own,
 * and TAP.
 */
#ifndef CRITERION_H
#define CRITERION_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CR_SKIPPED = 77, CR_SECONDS_MAX = 60 };

struct criterion_test {
    const char *name;
    void (*run)(void);
    void (*init)(void), (*fini)(void);
    int signal, timeout;
    struct criterion_test *next;
};

/* Latest first: the order does not matter. */
static struct criterion_test *criterion_tests;

#define Test(suite, name, ...)                                                                \
    static void suite##_##name(void);                                                         \
    __attribute__((constructor)) static void suite##_##name##_enter(void)                     \
    {                                                                                         \
        static struct criterion_test test = {#suite ": " #name, suite##_##name, __VA_ARGS__}; \
        test.next = criterion_tests;                                                          \
        criterion_tests = &test;                                                              \
    }                                                                                         \
    static void suite##_##name(void)

__attribute__((noreturn)) static inline void criterion_fail(const char *file, int line, const char *what)
{
    printf("# %s:%d: %s\n", file, line, what);
    fflush(stdout);
    _exit(EXIT_FAILURE);
}

#define cr_assert(condition, ...) ((condition) ? (void)0 : criterion_fail(__FILE__, __LINE__, #condition))
#define cr_assert_not(condition, ...) cr_assert(!(condition))
#define cr_assert_eq(a, b, ...) cr_assert((a) == (b))
#define cr_assert_neq(a, b, ...) cr_assert((a) != (b))
#define cr_assert_lt(a, b, ...) cr_assert((a) < (b))
#define cr_assert_leq(a, b, ...) cr_assert((a) <= (b))
#define cr_assert_gt(a, b, ...) cr_assert((a) > (b))
#define cr_assert_geq(a, b, ...) cr_assert((a) >= (b))
#define cr_assert_null(a, ...) cr_assert((a) == NULL)
#define cr_assert_not_null(a, ...) cr_assert((a) != NULL)
#define cr_assert_str_eq(a, b, ...) cr_assert(strcmp(a, b) == 0)
#define cr_assert_arr_eq(a, b, bytes, ...) cr_assert(memcmp(a, b, bytes) == 0)
#define cr_assert_fail(...) criterion_fail(__FILE__, __LINE__, "should not come here")
#define cr_skip_test(...) _exit(CR_SKIPPED)

static inline bool criterion_runs(const struct criterion_test *test)
{
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(test->timeout ? (unsigned)test->timeout : CR_SECONDS_MAX);
        if (test->init)
            test->init();
        test->run();
        if (test->fini)
            test->fini();
        fflush(stdout);
        _exit(EXIT_SUCCESS);
    }
    waitpid(child, &status, 0);
    if (test->signal)
        return WIFSIGNALED(status) && WTERMSIG(status) == test->signal;
    return WIFEXITED(status) && (WEXITSTATUS(status) == EXIT_SUCCESS || WEXITSTATUS(status) == CR_SKIPPED);
}

int main(void)
{
    int number = 0, failed = 0;
    for (const struct criterion_test *test = criterion_tests; test; test = test->next) {
        bool good = criterion_runs(test);
        failed += !good;
        printf("%sok %d - %s\n", good ? "" : "not ", ++number, test->name);
    }
    printf("1..%d\n", number);
    return failed || !number ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
