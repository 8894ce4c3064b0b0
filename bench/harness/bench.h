/* SPDX-License-Identifier: MIT */
/**
 * @file bench.h
 * What a contender sees of the harness: one plain function that does an operation so many times, and one line that
 * enters it in a row.
 *
 *     static void load_c11(const struct bench_run *run)
 *     {
 *         _Atomic uint64_t *object = (_Atomic uint64_t *)run->subject;
 *         for (uint64_t i = 0; i < run->iterations; i++)
 *             bench_keep(atomic_load_explicit(object, memory_order_acquire));
 *     }
 *     BENCH("atomic/load/8B", "C11 _Atomic", load_c11, make_u64, free)
 *
 * The same header serves C and C++; rust/src/harness.rs mirrors its three structs. Rows are declared in rows.c.
 */
#ifndef INTERMUT_BENCH_H
#define INTERMUT_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Latencies that a loop may record one by one; each comes out as percentiles and maximum. */
enum bench_series { BENCH_READ, BENCH_INSERT, BENCH_SERIES_COUNT };

/**
 * Keys of a map row, the same for every map in every language; see keys.c.
 *
 * key[i] and next[i], i < entries, are what gets inserted: the values chain all keys into one cycle in random order.
 * walk[j] and miss[j], j < steps, are keys to look up, present and absent, in random order.
 */
struct bench_keys {
    uint64_t entries;
    uint64_t steps;
    const uint64_t *key;
    const uint64_t *next;
    const uint64_t *walk;
    const uint64_t *miss;
};

/** One call of a loop on one thread. */
struct bench_run {
    uint64_t iterations; /**< operations this thread has to do */
    uint32_t thread;     /**< 0 … threads - 1; a background function has threads */
    uint32_t threads;
    void *subject; /**< what setup returned */
    const struct bench_keys *keys;
    struct bench_shared *shared;
};

/** A contender in a row. All functions but the loop may be NULL. */
struct bench_contender {
    const char *row;
    const char *name; /**< as in targets.json; "intermut…" is ours */
    void (*loop)(const struct bench_run *run);
    void *(*setup)(const struct bench_run *run); /**< untimed, on thread 0 */
    void (*teardown)(void *subject);
    /** Runs on a core of its own while the loops run, until bench_is_running() says no; returns its operations. */
    uint64_t (*background)(const struct bench_run *run);
    struct bench_contender *following;
};

/** Facts of a row that all its contenders share. */
struct bench_row {
    const char *id;
    uint32_t threads;    /**< fewer on a machine with fewer cores */
    bool has_background; /**< keeps a core free for it */
    bool fills;          /**< threads share `entries` operations between them, on a fresh subject */
    uint64_t entries;    /**< keys, 0: no keys */
    uint64_t iterations; /**< of each thread; 0: as many as the minimum time asks for */
};

/** The row called @p id; stops the program when there is none. */
const struct bench_row *bench_row_find(const char *id);

/** Keys for a map of so many entries; built once, never freed. */
const struct bench_keys *bench_keys_get(uint64_t entries);

/** The key that an untimed or timed loop may insert without meeting the keys of other threads. */
uint64_t bench_fresh_key(const struct bench_run *run, uint64_t index);

void bench_add(struct bench_contender *contender);

/** For background functions and for loops without a fixed number of operations. */
bool bench_is_running(const struct bench_run *run);
void bench_finish(const struct bench_run *run);

/** How many entries the filling thread has published: what other threads may look up. */
void bench_progress_set(const struct bench_run *run, uint64_t entries);
uint64_t bench_progress(const struct bench_run *run);

/** Ticks of the cheapest steady clock; not inlined, so that each language pays the same. */
uint64_t bench_ticks(void);
double bench_ns_per_tick(void);

/** Waits until @p ticks_apart after the last call; @p next starts at 0. */
void bench_pace(uint64_t *next, uint64_t ticks_apart);

/** Some 50 ns of work that touches no memory; not inlined, so that each language does the same. */
void bench_other_work(void);

/**
 * At the end of a loop that ran until bench_is_running() said no: how often this thread had its turn. The metric "share"
 * is the fewest turns of a thread divided by the most. Each thread once; thread 0, which ends the row, waits for the others.
 */
void bench_share(const struct bench_run *run, uint64_t turns);

/** Records one latency of this thread. */
void bench_record(const struct bench_run *run, enum bench_series series, uint64_t ticks);

/** A figure beside the time, for the report; @p name is a string that stays. Thread 0 only. */
void bench_metric(const struct bench_run *run, const char *name, double value);

/** Gives unused heap back to the system: what is allocated next is as fresh as in a new process. */
void bench_give_back(void);

/** Resident memory of this process in bytes, after unused heap went back to the system. */
uint64_t bench_resident_bytes(void);

/** The one hash of all maps: the finaliser of MurmurHash3, by A. Appleby. */
static inline uint64_t bench_mix(uint64_t key)
{
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdULL;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53ULL;
    return key ^ (key >> 33);
}

/** Makes the compiler produce @p value and forget what it knows of memory, at no cost. */
static inline __attribute__((always_inline)) void bench_keep(uint64_t value)
{
    __asm__ volatile("" : : "r"(value) : "memory");
}

/** The same for an object in memory. */
static inline __attribute__((always_inline)) void bench_keep_object(const void *object)
{
    __asm__ volatile("" : : "r"(object) : "memory");
}

#define BENCH__PASTE2(a, b) a##b
#define BENCH__PASTE(a, b) BENCH__PASTE2(a, b)
#define BENCH__ENTER(n, ...)                                                         \
    static struct bench_contender BENCH__PASTE(bench_contender_, n) = {__VA_ARGS__}; \
    __attribute__((constructor)) static void BENCH__PASTE(bench_enter_, n)(void)     \
    {                                                                                \
        bench_add(&BENCH__PASTE(bench_contender_, n));                               \
    }

/** BENCH(row, name, loop[, setup[, teardown[, background]]]): enters a contender. No semicolon. */
#define BENCH(...) BENCH__PICK(__VA_ARGS__, 6, 5, 4, 3, 0)(__COUNTER__, __VA_ARGS__)
#define BENCH__PICK(a, b, c, d, e, f, count, ...) BENCH__PASTE(BENCH__, count)
#define BENCH__3(n, row, name, loop) BENCH__ENTER(n, row, name, loop, NULL, NULL, NULL, NULL)
#define BENCH__4(n, row, name, loop, setup) BENCH__ENTER(n, row, name, loop, setup, NULL, NULL, NULL)
#define BENCH__5(n, row, name, loop, setup, teardown) BENCH__ENTER(n, row, name, loop, setup, teardown, NULL, NULL)
#define BENCH__6(n, row, name, loop, setup, teardown, background) \
    BENCH__ENTER(n, row, name, loop, setup, teardown, background, NULL)

#ifdef __cplusplus
}
#endif

#endif
