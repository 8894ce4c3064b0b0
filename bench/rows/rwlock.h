/* SPDX-License-Identifier: MIT */
/**
 * @file rwlock.h
 * The rows of read-write locks. A contender is a type and four operations; the value is one word beside or in the lock.
 *
 * `read(object, p)` and `write(object, p)` open a section in which p points to the word, the others end it.
 */
#ifndef INTERMUT_BENCH_RWLOCK_H
#define INTERMUT_BENCH_RWLOCK_H

#include "value_loop.h"

/* One operation in so many is a write, on each thread at other moments. */
#define RWLOCK_WRITE_EVERY 20u

/** Loops of one contender: tag##_read, tag##_write, tag##_mix, and tag##_writer for the background. */
#define RWLOCK_LOOPS(tag, Object, read, end_read, write, end_write)      \
    static void tag##_read(const struct bench_run *run)                  \
    {                                                                    \
        Object *object = (Object *)run->subject;                         \
        for (uint64_t i = 0; i < run->iterations; i++) {                 \
            read(object, p);                                             \
            bench_keep(*p);                                              \
            end_read(object);                                            \
        }                                                                \
    }                                                                    \
    static void tag##_write(const struct bench_run *run)                 \
    {                                                                    \
        Object *object = (Object *)run->subject;                         \
        for (uint64_t i = 0; i < run->iterations; i++) {                 \
            write(object, p);                                            \
            *p += i;                                                     \
            end_write(object);                                           \
        }                                                                \
    }                                                                    \
    static void tag##_mix(const struct bench_run *run)                   \
    {                                                                    \
        Object *object = (Object *)run->subject;                         \
        uint64_t until_write = 1 + run->thread * RWLOCK_WRITE_EVERY / 4; \
        for (uint64_t i = 0; i < run->iterations; i++) {                 \
            if (--until_write == 0) {                                    \
                until_write = RWLOCK_WRITE_EVERY;                        \
                write(object, p);                                        \
                *p += i;                                                 \
                end_write(object);                                       \
            } else {                                                     \
                read(object, p);                                         \
                bench_keep(*p);                                          \
                end_read(object);                                        \
            }                                                            \
        }                                                                \
    }                                                                    \
    /* One write after the other, a short pause apart. */                \
    static inline uint64_t tag##_writer(const struct bench_run *run)     \
    {                                                                    \
        Object *object = (Object *)run->subject;                         \
        uint64_t done = 0;                                               \
        while (bench_is_running(run)) {                                  \
            write(object, p);                                            \
            *p += done++;                                                \
            end_write(object);                                           \
            for (int pause = 0; pause < 100; pause++)                    \
                bench_keep(done);                                        \
        }                                                                \
        return done;                                                     \
    }

/** The rows of a lock with one word for all readers. */
#define RWLOCK_ROWS(name, tag)                                 \
    BENCH("rwlock/read", name, tag##_read, tag##_new, free)    \
    BENCH("rwlock/write", name, tag##_write, tag##_new, free)  \
    BENCH("rwlock/read/4t", name, tag##_read, tag##_new, free) \
    BENCH("rwlock/mix5/4t", name, tag##_mix, tag##_new, free)  \
    BENCH("rwlock/writer/3r1w", name, tag##_read, tag##_new, free, tag##_writer)

/** The rows of a lock whose readers have a line each. */
#define RWLOCK_SCALABLE_ROWS(name, tag)                                 \
    BENCH("rwlock/scalable/read", name, tag##_read, tag##_new, free)    \
    BENCH("rwlock/scalable/write", name, tag##_write, tag##_new, free)  \
    BENCH("rwlock/scalable/read/4t", name, tag##_read, tag##_new, free) \
    BENCH("rwlock/scalable/mix5/4t", name, tag##_mix, tag##_new, free)

#endif
