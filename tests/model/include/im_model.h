/* SPDX-License-Identifier: MIT */
/**
 * @file im_model.h
 * What a model test is written with: the code under test runs under a scheduler that tries every interleaving.
 *
 *     static int data, flag;
 *
 *     static void init(void) { data = flag = 0; }
 *     static void writer(void)
 *     {
 *         data = 42;
 *         im_sync_store(&flag, 1, memory_order_release);
 *     }
 *     static void reader(void)
 *     {
 *         if (im_sync_load(&flag, memory_order_acquire))
 *             im_model_check(data == 42, "data is %d", data);
 *     }
 *
 *     IM_MODEL_HARNESS(message_passing, "a reader that sees the flag sees the data",
 *                      .init = init, .threads = {writer, reader})
 *
 * The file is compiled with the flags of tests/model/meson.build and linked with the engine, which has main().
 * README.md in tests/model says how to read a failure, and where the model and C11 differ.
 */
#ifndef IM_MODEL_H
#define IM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Threads of one harness. Thread 0 is the one that runs `init` and `check`. */
enum { IM_MODEL_MAX_THREADS = 7 };

typedef void im_model_function(void);

/** How much of the interleavings is searched by default. */
enum im_model_search {
    IM_MODEL_EXHAUSTIVE, /**< all of them: a harness that is cut short fails */
    IM_MODEL_BOUNDED,    /**< depth first, up to `preemptions` and `executions`, then `random` ones */
    IM_MODEL_RANDOM      /**< `random` ones */
};

/** One property and the threads that try to break it. Zero in a number means its default. */
struct im_model_harness {
    const char *name;
    const char *property;    /**< one line */
    im_model_function *init; /**< before each execution, alone; sets up all statics */
    im_model_function *threads[IM_MODEL_MAX_THREADS];
    im_model_function *check; /**< after each complete execution, alone */
    const char *finds;        /**< this must fail, with a message that has one of these, "data race|use after free" */
    const char *outcomes;     /**< exactly these im_model_outcome() are seen, "0 0|0 1|1 1" */
    enum im_model_search search;
    unsigned preemptions;     /**< bound of a bounded search (2) */
    unsigned long executions; /**< of a depth-first search (20 M) */
    unsigned long random;     /**< executions of a random search (20 000) */
    unsigned steps;           /**< of one execution; a longer one is incomplete (400) */
    unsigned spins;           /**< times one thread may go on after a yield; more is incomplete (4) */
    unsigned stale_repeats;   /**< times one line may read the same outdated value in one thread (2) */
    unsigned spurious;        /**< failures of weak compare-exchange, wake-ups from nowhere (0) */
    unsigned failed_allocations;
    bool leaks; /**< blocks may be left over */
};

/** Define and register a harness; further arguments are designated initialisers of struct im_model_harness. */
#define IM_MODEL_HARNESS(identifier, sentence, ...)                                       \
    IM__MODEL_SECOND_OF(IM__MODEL_WITH_##identifier IM__MODEL_DEFINE, IM__MODEL_OTHERS, ) \
    (identifier, sentence, __VA_ARGS__)
#define IM__MODEL_DEFINE(identifier, sentence, ...)                      \
    static const struct im_model_harness identifier##_harness = {        \
        .name = #identifier, .property = sentence, __VA_ARGS__};         \
    __attribute__((constructor)) static void register_##identifier(void) \
    {                                                                    \
        im_model_register(&identifier##_harness);                        \
    }
/*
 * A mutant needs few of a file's harnesses, and most of its time is the compiler's. So mutants.py has IM_MODEL_ONLY and,
 * for each that it runs, IM__MODEL_WITH_identifier, which is a comma: the others are left out, and what they alone use.
 */
#ifdef IM_MODEL_ONLY
#define IM__MODEL_OTHERS(...)
#else
#define IM__MODEL_OTHERS IM__MODEL_DEFINE
#endif
#define IM__MODEL_SECOND_OF(...) IM__MODEL_SECOND(__VA_ARGS__)
#define IM__MODEL_SECOND(first, second, ...) second

void im_model_register(const struct im_model_harness *harness);

/** Fail the execution with a message when `condition` is false. */
#define im_model_check(condition, ...) ((condition) ? (void)0 : im_model_fail(__VA_ARGS__))

__attribute__((noreturn, format(printf, 1, 2))) void im_model_fail(const char *format, ...);

/** Add a line to the report, should this execution fail. */
__attribute__((format(printf, 1, 2))) void im_model_note(const char *format, ...);

/** Count how this execution ended, for the `outcomes` of the harness. From `check`, once. */
__attribute__((format(printf, 1, 2))) void im_model_outcome(const char *format, ...);

/** 1 for the first of `threads`, 0 in `init` and `check`. */
unsigned im_model_thread(void);

/** One of 0 … count - 1; every value is tried. */
unsigned im_model_choose(unsigned count);

/** Call these bytes `name` in reports. */
void im_model_name(const volatile void *start, size_t bytes, const char *name);

/** What instrumented code reports by itself: a plain access, which may not race with any other. */
void im_model_plain_read(const volatile void *start, size_t bytes);
void im_model_plain_write(const volatile void *start, size_t bytes);

/** The allocator of the code under test: fresh addresses, checked accesses. malloc() and its kin come here too. */
void *im_model_malloc(size_t bytes);
void *im_model_calloc(size_t count, size_t bytes);
void *im_model_realloc(void *block, size_t bytes);
void *im_model_aligned_alloc(size_t alignment, size_t bytes);
int im_model_posix_memalign(void **block, size_t alignment, size_t bytes);
void im_model_free(void *block);

#endif
