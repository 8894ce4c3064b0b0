/* SPDX-License-Identifier: MIT */
/*
 * What the stress programs share: threads, random numbers, a verdict.
 *
 * Each is a plain main, since Criterion cannot run under ThreadSanitizer, and is bounded by a number of operations,
 * not by time. Its first argument multiplies that number. Compiled with STRESS_BROKEN_TWIN against a broken copy of
 * the library, it succeeds only if it finds the violation: a test that cannot fail proves nothing.
 */
#ifndef STRESS_H
#define STRESS_H

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/atomic.h>

typedef im_atomic(uint64_t) stress_counter;
typedef im_atomic(bool) stress_flag;

/* Violations found; any thread. */
static stress_counter stress_violations;

static inline unsigned stress_scale(int argc, char **argv)
{
    return argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
}

/*
 * Under ThreadSanitizer everything is some ten times slower, and under AddressSanitizer some three times. What they look
 * for does not want luck as a wrong interleaving does: any execution of the faulty line shows it. Those are looked for
 * where nothing watches, with all operations.
 */
static inline uint64_t stress_operations(uint64_t plain, unsigned scale)
{
    return (IM_THREAD_SANITIZER ? plain / 10 : IM_ADDRESS_SANITIZER ? plain / 4 : plain) * scale;
}

#ifdef STRESS_BROKEN_TWIN
enum { STRESS_PATIENCE = 100 };
#else
enum { STRESS_PATIENCE = 1 };
#endif

/* Whether to run again: `runs` times, or, for a twin, up to a hundred times as often until it is found out. */
static inline bool stress_again(uint64_t run, uint64_t runs)
{
    return STRESS_PATIENCE == 1 ? run < runs : run < runs * STRESS_PATIENCE && im_atomic_load(&stress_violations) == 0;
}

/*
 * Threads whose steps a broken source can wait for: it calls stress_window() at the place where the right one lets nobody
 * in, and goes on when somebody was there. So a twin is found out by that, and not by how the machine is loaded.
 */
#ifdef STRESS_BROKEN_TWIN
enum { STRESS_WINDOW_STEPS = 256 };
/* Who waits for the one at the window makes no step: nor does it wait for them longer than this. */
static const uint64_t STRESS_WINDOW_NS = 5 * 1000 * 1000;
static stress_counter stress_steps, stress_steppers;
static stress_flag stress_is_window_open;

void stress_window(void);
void stress_window(void)
{
    uint64_t steps = im_atomic_load(&stress_steps), since_ns = im_sync_now_ns();
    const uint64_t enough = steps + STRESS_WINDOW_STEPS;
    im_atomic_store(&stress_is_window_open, true);
    while (im_atomic_load(&stress_steppers) > 0 && steps < enough && im_sync_now_ns() - since_ns < STRESS_WINDOW_NS) {
        im_sync_yield();
        const uint64_t now = im_atomic_load(&stress_steps);
        since_ns = now == steps ? since_ns : im_sync_now_ns();
        steps = now;
    }
    im_atomic_store(&stress_is_window_open, false);
}

#define STRESS_STEP() ((void)im_atomic_fetch_add(&stress_steps, 1))
#define STRESS_STEPPER_BEGINS() ((void)im_atomic_fetch_add(&stress_steppers, 1))
#define STRESS_STEPPER_ENDS() ((void)im_atomic_fetch_sub(&stress_steppers, 1))
#define STRESS_IS_WINDOW_OPEN() im_atomic_load(&stress_is_window_open)
#else
#define STRESS_STEP() ((void)0)
#define STRESS_STEPPER_BEGINS() ((void)0)
#define STRESS_STEPPER_ENDS() ((void)0)
#define STRESS_IS_WINDOW_OPEN() false
#endif

/* Marsaglia's xorshift64: fast, and each thread has its own. */
static inline uint64_t stress_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Remember a violation, and print the first few. */
static inline void stress_violation(const char *format, ...) IM_PRINTF(1, 2);
static inline void stress_violation(const char *format, ...)
{
    if (im_atomic_fetch_add(&stress_violations, 1) >= 3)
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static inline void stress_start(pthread_t *thread, void *(*function)(void *), void *argument)
{
    if (pthread_create(thread, NULL, function, argument) != 0) {
        fprintf(stderr, "cannot start a thread\n");
        exit(EXIT_FAILURE);
    }
}

/* The exit status of the program. */
static inline int stress_verdict(void)
{
    uint64_t violations = im_atomic_load(&stress_violations);
    printf("%lu violations\n", (unsigned long)violations);
#ifdef STRESS_BROKEN_TWIN
    return violations > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
#else
    return violations > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
#endif
}

#endif
