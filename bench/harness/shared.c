/* SPDX-License-Identifier: MIT */
/* Each thread records into a histogram of its own: no sharing while time is taken. */
#include "shared.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define METRICS_MAX 16
#define LINE_BYTES 64

/* Buckets grow with the value: 32 for each power of two, so a percentile is exact to 3 %. */
#define BUCKETS_PER_OCTAVE_BITS 5
#define BUCKETS_PER_OCTAVE (1u << BUCKETS_PER_OCTAVE_BITS)
#define BUCKETS (64u * BUCKETS_PER_OCTAVE)

struct histogram {
    uint64_t longest;
    uint32_t bucket[BUCKETS];
};

struct bench_shared {
    _Alignas(LINE_BYTES) bool running;
    _Alignas(LINE_BYTES) uint64_t progress;
    _Alignas(LINE_BYTES) uint32_t shares; /* threads that have said how often they had their turn */
    uint64_t fewest_turns, most_turns;
    uint32_t threads;
    uint32_t metric_count;
    struct {
        const char *name;
        double value;
    } metric[METRICS_MAX];
    struct histogram histogram[][BENCH_SERIES_COUNT];
};

struct bench_shared *bench_shared_new(uint32_t threads)
{
    size_t bytes = sizeof(struct bench_shared) + threads * BENCH_SERIES_COUNT * sizeof(struct histogram);
    bytes = (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
    struct bench_shared *shared = aligned_alloc(LINE_BYTES, bytes);
    if (!shared)
        abort();
    memset(shared, 0, bytes);
    shared->running = true;
    shared->threads = threads;
    return shared;
}

void bench_shared_free(struct bench_shared *shared)
{
    free(shared);
}

void bench_shared_stop(struct bench_shared *shared)
{
    __atomic_store_n(&shared->running, false, __ATOMIC_RELEASE);
}

bool bench_is_running(const struct bench_run *run)
{
    return __atomic_load_n(&run->shared->running, __ATOMIC_ACQUIRE);
}

void bench_finish(const struct bench_run *run)
{
    bench_shared_stop(run->shared);
}

void bench_share(const struct bench_run *run, uint64_t turns)
{
    struct bench_shared *shared = run->shared;
    uint64_t fewest = 0, most = 0;
    while (!__atomic_compare_exchange_n(&shared->fewest_turns, &fewest, turns + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        if (fewest != 0 && fewest <= turns + 1)
            break;
    while (!__atomic_compare_exchange_n(&shared->most_turns, &most, turns + 1, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        if (most > turns)
            break;
    __atomic_add_fetch(&shared->shares, 1, __ATOMIC_RELEASE);
    if (run->thread != 0)
        return;
    while (__atomic_load_n(&shared->shares, __ATOMIC_ACQUIRE) < run->threads)
        continue;
    bench_metric(run, "share", (double)(shared->fewest_turns - 1) / (double)(shared->most_turns - 1));
}

void bench_progress_set(const struct bench_run *run, uint64_t entries)
{
    __atomic_store_n(&run->shared->progress, entries, __ATOMIC_RELEASE);
}

uint64_t bench_progress(const struct bench_run *run)
{
    return __atomic_load_n(&run->shared->progress, __ATOMIC_ACQUIRE);
}

static uint32_t bucket_of(uint64_t value)
{
    if (value < BUCKETS_PER_OCTAVE)
        return (uint32_t)value;
    uint32_t octave = 63u - (uint32_t)__builtin_clzll(value);
    uint32_t shift = octave - BUCKETS_PER_OCTAVE_BITS;
    return (shift + 1) * BUCKETS_PER_OCTAVE + (uint32_t)((value >> shift) & (BUCKETS_PER_OCTAVE - 1));
}

static uint64_t bucket_start(uint32_t bucket)
{
    uint32_t octave = bucket / BUCKETS_PER_OCTAVE;
    uint64_t within = bucket % BUCKETS_PER_OCTAVE;
    return octave == 0 ? within : (within | BUCKETS_PER_OCTAVE) << (octave - 1);
}

void bench_record(const struct bench_run *run, enum bench_series series, uint64_t ticks)
{
    struct histogram *own = &run->shared->histogram[run->thread][series];
    own->bucket[bucket_of(ticks)]++;
    if (ticks > own->longest)
        own->longest = ticks;
}

void bench_metric(const struct bench_run *run, const char *name, double value)
{
    struct bench_shared *shared = run->shared;
    if (shared->metric_count == METRICS_MAX)
        abort();
    shared->metric[shared->metric_count].name = name;
    shared->metric[shared->metric_count++].value = value;
}

static uint64_t merge(const struct bench_shared *shared, int series, struct histogram *sum)
{
    uint64_t count = 0;
    for (uint32_t t = 0; t < shared->threads; t++) {
        const struct histogram *own = &shared->histogram[t][series];
        for (uint32_t b = 0; b < BUCKETS; b++) {
            sum->bucket[b] += own->bucket[b];
            count += own->bucket[b];
        }
        if (own->longest > sum->longest)
            sum->longest = own->longest;
    }
    return count;
}

static double percentile_ns(const struct histogram *sum, uint64_t count, double share)
{
    uint64_t wanted = (uint64_t)((double)count * share), seen = 0;
    uint32_t b = 0;
    while (b < BUCKETS - 1 && (seen += sum->bucket[b]) <= wanted)
        b++;
    return (double)bucket_start(b) * bench_ns_per_tick();
}

static void report_series(const struct bench_shared *shared, int series, bench_metric_sink *sink, void *context)
{
    static const char *const names[BENCH_SERIES_COUNT][4] = {
        {"read_p50_ns", "read_p999_ns", "read_p9999_ns", "read_longest_ns"},
        {"insert_p50_ns", "insert_p999_ns", "insert_p9999_ns", "insert_longest_ns"},
    };
    static const double shares[] = {0.5, 0.999, 0.9999};
    struct histogram *sum = calloc(1, sizeof(*sum));
    uint64_t count = sum ? merge(shared, series, sum) : 0;
    for (int i = 0; i < 3 && count > 0; i++)
        sink(context, names[series][i], percentile_ns(sum, count, shares[i]));
    if (count > 0)
        sink(context, names[series][3], (double)sum->longest * bench_ns_per_tick());
    free(sum);
}

void bench_shared_report(const struct bench_shared *shared, bench_metric_sink *sink, void *context)
{
    for (uint32_t i = 0; i < shared->metric_count; i++)
        sink(context, shared->metric[i].name, shared->metric[i].value);
    for (int series = 0; series < BENCH_SERIES_COUNT; series++)
        report_series(shared, series, sink, context);
}

void bench_give_back(void)
{
    malloc_trim(0);
}

uint64_t bench_resident_bytes(void)
{
    unsigned long resident_pages = 0;
    bench_give_back();
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%*u %lu", &resident_pages) != 1)
        abort();
    fclose(file);
    return resident_pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
