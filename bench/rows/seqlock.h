/* SPDX-License-Identifier: MIT */
/**
 * @file seqlock.h
 * The rows of seqlocks: one contender gives a type, a load and a store for each size.
 */
#ifndef INTERMUT_BENCH_SEQLOCK_H
#define INTERMUT_BENCH_SEQLOCK_H

#include "value_loop.h"

#include <string.h>

#define PACE_NS 1000

/* Twice the largest value, for a contender that holds it twice. */
static inline void *seqlock_new(const struct bench_run *run)
{
    (void)run;
    void *object = aligned_alloc(64, 1024);
    if (!object)
        abort();
    return memset(object, 0, 1024);
}

/** Rows of `group` with records of one size: loads into `value`, and stores it, on one thread. */
#define RECORD_ROWS(group, size, name, tag, T, Object, load, store)                              \
    VALUE_LOOP(tag##_load, T, Object, VALUE_IN_MEMORY, value = load(object))                     \
    BENCH(group "/load/" size, name, tag##_load, seqlock_new, free)                              \
    VALUE_LOOP(tag##_store, T, Object, VALUE_IN_MEMORY, value.word[0] = i; store(object, value)) \
    BENCH(group "/store/" size, name, tag##_store, seqlock_new, free)

/** And by several threads, with and without a writer. */
#define RECORD_WRITERS(tag, T, Object, store)                                                         \
    static inline uint64_t tag##_write(const struct bench_run *run, uint64_t pace_ns)                 \
    {                                                                                                 \
        Object *object = (Object *)run->subject;                                                      \
        T value = {0};                                                                                \
        uint64_t ticks_apart = (uint64_t)((double)pace_ns / bench_ns_per_tick()), next = 0, done = 0; \
        while (bench_is_running(run)) {                                                               \
            value.word[0] = done++;                                                                   \
            store(object, value);                                                                     \
            if (pace_ns)                                                                              \
                bench_pace(&next, ticks_apart);                                                       \
        }                                                                                             \
        return done;                                                                                  \
    }                                                                                                 \
    static uint64_t tag##_paced(const struct bench_run *run)                                          \
    {                                                                                                 \
        return tag##_write(run, PACE_NS);                                                             \
    }                                                                                                 \
    static uint64_t tag##_unpaced(const struct bench_run *run)                                        \
    {                                                                                                 \
        return tag##_write(run, 0);                                                                   \
    }

#define SEQLOCK_ROWS(size, name, tag, T, Object, load, store) \
    RECORD_ROWS("seqlock", size, name, tag, T, Object, load, store)
#define SEQLOCK_SHARED_ROWS(name, tag, T, Object, store) \
    RECORD_WRITERS(tag, T, Object, store)                \
    RECORD_SHARED_ROWS("seqlock", "64B", name, tag)

/** Beside other readers, and beside a writer, paced or not. */
#define RECORD_SHARED_ROWS(group, size, name, tag)                                       \
    BENCH(group "/load/" size "/4t", name, tag##_load, seqlock_new, free)                \
    BENCH(group "/load/" size "/3r1w", name, tag##_load, seqlock_new, free, tag##_paced) \
    BENCH(group "/load/" size "/3r1w/unpaced", name, tag##_load, seqlock_new, free, tag##_unpaced)

#define SEQLOCK_RECORD(bytes)     \
    struct record_##bytes {       \
        uint64_t word[bytes / 8]; \
    }
SEQLOCK_RECORD(16);
SEQLOCK_RECORD(24);
SEQLOCK_RECORD(64);
SEQLOCK_RECORD(256);

#endif
