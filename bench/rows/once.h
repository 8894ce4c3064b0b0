/* SPDX-License-Identifier: MIT */
/**
 * @file once.h
 * The rows about values that are made once, for C and C++: reading one that is there, and making many, alone and with
 * four threads that come to each of them at about the same time. rust/src/once.rs has the same.
 */
#ifndef INTERMUT_BENCH_ONCE_H
#define INTERMUT_BENCH_ONCE_H

#include "bench.h"

/** Some 100 ns of work: what the initialiser does in the row with threads that meet. */
static inline uint64_t once_work(uint64_t value)
{
    for (int i = 0; i < 40; i++)
        value = bench_mix(value + 1);
    return value;
}

/*
 * malloc and memset are kept apart, or the compiler makes a calloc of them, whose pages are first touched by the loop that is
 * timed: half as long again in the first repetition.
 */

/**
 * Enters a contender, whose objects are zeroed `Object`s at first.
 * look(object): the uint64_t, when it is there. make(object, i): the same; it is i. work(object, i): it is once_work(i).
 */
#define ONCE_ROWS(name, tag, Object, bytes, look, make, work)                   \
    static void *tag##_new(const struct bench_run *run)                         \
    {                                                                           \
        Object *objects = (Object *)malloc(run->iterations * sizeof(Object));   \
        if (!objects)                                                           \
            abort();                                                            \
        bench_keep_object(objects);                                             \
        __builtin_memset((void *)objects, 0, run->iterations * sizeof(Object)); \
        return objects;                                                         \
    }                                                                           \
    static void *tag##_new_full(const struct bench_run *run)                    \
    {                                                                           \
        struct bench_run one = *run;                                            \
        one.iterations = 1;                                                     \
        Object *object = (Object *)tag##_new(&one);                             \
        (void)make(object, 1);                                                  \
        return object;                                                          \
    }                                                                           \
    static void tag##_get(const struct bench_run *run)                          \
    {                                                                           \
        Object *object = (Object *)run->subject;                                \
        for (uint64_t i = 0; i < run->iterations; i++)                          \
            bench_keep(look(object));                                           \
    }                                                                           \
    static void tag##_get_or_init(const struct bench_run *run)                  \
    {                                                                           \
        Object *object = (Object *)run->subject;                                \
        for (uint64_t i = 0; i < run->iterations; i++)                          \
            bench_keep(make(object, i));                                        \
    }                                                                           \
    static void tag##_first(const struct bench_run *run)                        \
    {                                                                           \
        Object *objects = (Object *)run->subject;                               \
        for (uint64_t i = 0; i < run->iterations; i++)                          \
            bench_keep(make(&objects[i], i));                                   \
    }                                                                           \
    static void tag##_storm(const struct bench_run *run)                        \
    {                                                                           \
        Object *objects = (Object *)run->subject;                               \
        for (uint64_t i = 0; i < run->iterations; i++)                          \
            bench_keep(work(&objects[i], i));                                   \
    }                                                                           \
    static void tag##_bytes(const struct bench_run *run)                        \
    {                                                                           \
        bench_metric(run, "bytes", bytes);                                      \
    }                                                                           \
    BENCH("once/get/8B", name, tag##_get, tag##_new_full, free)                 \
    BENCH("once/get_or_init/8B", name, tag##_get_or_init, tag##_new_full, free) \
    BENCH("once/first/8B", name, tag##_first, tag##_new, free)                  \
    BENCH("once/storm/8B/4t", name, tag##_storm, tag##_new, free)               \
    BENCH("once/bytes/8B", name, tag##_bytes)

#endif
