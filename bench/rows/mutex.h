/* SPDX-License-Identifier: MIT */
/**
 * @file mutex.h
 * The rows of mutexes: one contender gives a type that is zeroed to begin with, a statement that adds one to a number under
 * the lock, and what the lock needs besides the number.
 */
#ifndef INTERMUT_BENCH_MUTEX_H
#define INTERMUT_BENCH_MUTEX_H

#include "bench.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { MUTEX_SUBJECT_BYTES = 256 };

/* glibc's mutex does without atomic instructions as long as the process has one thread: that is not what is measured. */
static inline void *mutex_other_thread(void *nothing)
{
    pause();
    return nothing;
}

static inline void mutex_have_threads(void)
{
    static bool has_threads;
    pthread_t thread;
    if (!has_threads && pthread_create(&thread, NULL, mutex_other_thread, NULL) == 0)
        has_threads = pthread_detach(thread) == 0;
}

/* A cache line of its own. */
static inline void *mutex_new(const struct bench_run *run)
{
    (void)run;
    mutex_have_threads();
    void *object = aligned_alloc(64, MUTEX_SUBJECT_BYTES);
    if (!object)
        abort();
    return memset(object, 0, MUTEX_SUBJECT_BYTES);
}

/** `section` is a statement that works on `object`, an Object *. */
#define MUTEX_ROWS(name, tag, Object, bytes, section)                       \
    static void tag##_lock(const struct bench_run *run)                     \
    {                                                                       \
        Object *object = (Object *)run->subject;                            \
        for (uint64_t i = 0; i < run->iterations; i++) {                    \
            section;                                                        \
        }                                                                   \
    }                                                                       \
    static void tag##_lock_and_work(const struct bench_run *run)            \
    {                                                                       \
        Object *object = (Object *)run->subject;                            \
        for (uint64_t i = 0; i < run->iterations; i++) {                    \
            section;                                                        \
            bench_other_work();                                             \
        }                                                                   \
    }                                                                       \
    static void tag##_share(const struct bench_run *run)                    \
    {                                                                       \
        Object *object = (Object *)run->subject;                            \
        uint64_t turns = 0;                                                 \
        while (bench_is_running(run)) {                                     \
            section;                                                        \
            if (++turns == run->iterations && run->thread == 0)             \
                bench_finish(run);                                          \
        }                                                                   \
        bench_share(run, turns);                                            \
    }                                                                       \
    static void tag##_bytes(const struct bench_run *run)                    \
    {                                                                       \
        bench_metric(run, "bytes", (double)(bytes));                        \
    }                                                                       \
    BENCH("mutex/lock", name, tag##_lock, mutex_new, free)                  \
    BENCH("mutex/lock/4t", name, tag##_lock, mutex_new, free)               \
    BENCH("mutex/lock/4t/50ns", name, tag##_lock_and_work, mutex_new, free) \
    BENCH("mutex/share/4t", name, tag##_share, mutex_new, free)             \
    BENCH("mutex/bytes", name, tag##_bytes)

/** The same for a lock that its holder may take again. */
#define REENTRANT_ROWS(name, tag, Object, section)             \
    static void tag##_lock(const struct bench_run *run)        \
    {                                                          \
        Object *object = (Object *)run->subject;               \
        for (uint64_t i = 0; i < run->iterations; i++) {       \
            section;                                           \
        }                                                      \
    }                                                          \
    BENCH("reentrant/lock", name, tag##_lock, mutex_new, free) \
    BENCH("reentrant/lock/4t", name, tag##_lock, mutex_new, free)

#endif
