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
 * How a twin is found out by what it breaks, and not by how the machine is loaded: its broken source opens a window, at the
 * place where the right one lets nobody in.
 */
#ifdef STRESS_BROKEN_TWIN
static stress_counter stress_steps, stress_steppers, stress_lingered;
static stress_flag stress_is_window_open;

/* A sleep, not a yield: a thread that has slept would have its core back at once. */
static inline void stress_let_others_run(void)
{
    static uint32_t nobody_wakes;
    im_sync_wait(&nobody_wakes, 0, im_sync_now_ns() + 50 * 1000);
}

void stress_window(uint64_t steps);
void stress_linger(void);

/* Wait until the threads that count steps have made so many, unless there is none, or they wait for the caller. */
void stress_window(uint64_t steps)
{
    const uint64_t longest_standstill_ns = 20 * 1000 * 1000;
    uint64_t now = im_atomic_load(&stress_steps), since_ns = im_sync_now_ns();
    const uint64_t enough = now + steps;
    im_atomic_store(&stress_is_window_open, true);
    while (im_atomic_load(&stress_steppers) > 0 && now < enough &&
           im_sync_now_ns() - since_ns < longest_standstill_ns) {
        const uint64_t before = now;
        stress_let_others_run();
        now = im_atomic_load(&stress_steps);
        since_ns = now == before ? since_ns : im_sync_now_ns();
    }
    im_atomic_store(&stress_is_window_open, false);
}

/* Give others time to come in. Some hundred times, as that is slow; then for one operation in a thousand. */
void stress_linger(void)
{
    const uint64_t lingered = im_atomic_fetch_add_explicit(&stress_lingered, 1, memory_order_relaxed);
    if ((lingered < 512 || lingered % 1024 == 0) && im_atomic_load(&stress_violations) == 0)
        stress_let_others_run();
}

#define STRESS_LINGER() stress_linger()
#define STRESS_WINDOW(steps) stress_window(steps)
#define STRESS_STEP() ((void)im_atomic_fetch_add(&stress_steps, 1))
#define STRESS_STEPPER_BEGINS() ((void)im_atomic_fetch_add(&stress_steppers, 1))
#define STRESS_STEPPER_ENDS() ((void)im_atomic_fetch_sub(&stress_steppers, 1))
#define STRESS_IS_WINDOW_OPEN() im_atomic_load(&stress_is_window_open)
#else
#define STRESS_LINGER() ((void)0)
#define STRESS_WINDOW(steps) ((void)0)
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
