/* SPDX-License-Identifier: MIT */
/**
 * @file value_loop.h
 * The loop around one operation on a small value: for cells, atomics and whatever else holds a T.
 */
#ifndef INTERMUT_BENCH_VALUE_LOOP_H
#define INTERMUT_BENCH_VALUE_LOOP_H

#include "bench.h"

#define VALUE_BYTES_MAX 256u
#define VALUE_ALIGNMENT 64u

/** A zeroed object of any small type, on cache lines of its own. */
static inline void *value_new(const struct bench_run *run)
{
    (void)run;
    char *object = (char *)aligned_alloc(VALUE_ALIGNMENT, VALUE_BYTES_MAX);
    if (!object)
        abort();
    return __builtin_memset(object, 0, VALUE_BYTES_MAX);
}

/* The compiler may neither compute `value` ahead nor drop it. One form for registers, one for memory. */
#define VALUE_IN_REGISTER(value) __asm__ volatile("" : "+r"(value) : : "memory")
#define VALUE_IN_MEMORY(value) bench_keep_object(&(value))

/*
 * A short loop that crosses a cache line takes twice as long, wherever that line comes to lie: so none does. Loops
 * begin at one, too: meson.build and rust/build.py see to that.
 */
#define VALUE_LOOP_START __attribute__((aligned(64)))

/**
 * Defines a loop: `statement` may use `object` (Object *), `value` (T, kept by `keep`) and the counter `i`.
 */
#define VALUE_LOOP(loop, T, Object, keep, statement)               \
    VALUE_LOOP_START static void loop(const struct bench_run *run) \
    {                                                              \
        Object *object = (Object *)run->subject;                   \
        const uint64_t iterations = run->iterations;               \
        T value = {0};                                             \
        for (uint64_t i = 0; i < iterations; i++) {                \
            statement;                                             \
            keep(value);                                           \
        }                                                          \
    }

/** Defines a loop and enters it. */
#define VALUE_BENCH(row, name, loop, T, Object, keep, statement) \
    VALUE_LOOP(loop, T, Object, keep, statement)                 \
    BENCH(row, name, loop, value_new, free)

/** Enters the size of a type. */
#define SIZE_BENCH(row, name, loop, Object)         \
    static void loop(const struct bench_run *run)   \
    {                                               \
        bench_metric(run, "bytes", sizeof(Object)); \
    }                                               \
    BENCH(row, name, loop)

#endif
