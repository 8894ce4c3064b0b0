/* SPDX-License-Identifier: MIT */
/* A clock that is cheap enough to time single operations, and pauses made with it. */
#include "bench.h"

#include <time.h>

#define CALIBRATION_NS 20000000u

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#if defined(__x86_64__)
/* lfence: the operation before must have ended, the one behind not yet begun. */
uint64_t bench_ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return ((uint64_t)high << 32) | low;
}
#else
uint64_t bench_ticks(void)
{
    return monotonic_ns();
}
#endif

double bench_ns_per_tick(void)
{
    static double ns_per_tick;
    if (ns_per_tick == 0) {
        uint64_t began_ns = monotonic_ns(), began = bench_ticks(), ended_ns;
        while ((ended_ns = monotonic_ns()) - began_ns < CALIBRATION_NS)
            continue;
        ns_per_tick = (double)(ended_ns - began_ns) / (double)(bench_ticks() - began);
    }
    return ns_per_tick;
}

/* A chain of multiplications, three cycles each. */
void bench_other_work(void)
{
    uint64_t value = 3;
    for (unsigned i = 0; i < 64; i++) {
        value *= 0x9e3779b97f4a7c15u;
        __asm__ volatile("" : "+r"(value));
    }
}

void bench_pace(uint64_t *next, uint64_t ticks_apart)
{
    uint64_t now;
    while ((now = bench_ticks()) < *next)
        continue;
    *next = now + ticks_apart;
}
