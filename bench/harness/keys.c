/* SPDX-License-Identifier: MIT */
/* Key sets: built once per size, outside of all measured time, and the same in every run. */
#include "bench.h"

/* A walk through a small map is repeated in ever new orders, so that no branch predictor learns it by heart. */
#define STEPS_AT_LEAST 32768u
#define SIZES_MAX 8
#define MISS_FIRST (UINT64_C(1) << 40)
#define FRESH_FIRST (UINT64_C(1) << 41)
#define FRESH_PER_THREAD (UINT64_C(1) << 32)

/* A bijection (splitmix64's finaliser), so that different indices never give the same key; not the maps' hash. */
static uint64_t key_of(uint64_t index)
{
    uint64_t z = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void *allocate(uint64_t count)
{
    void *words = calloc(count, sizeof(uint64_t));
    if (!words)
        abort();
    return words;
}

static void shuffle(uint64_t *order, uint64_t count, uint64_t *random)
{
    for (uint64_t i = 0; i < count; i++)
        order[i] = i;
    for (uint64_t i = count - 1; i > 0; i--) {
        *random = *random * UINT64_C(6364136223846793005) + 1442695040888963407u;
        uint64_t j = (*random >> 32) % (i + 1);
        uint64_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
    }
}

static void build(struct bench_keys *keys, uint64_t entries)
{
    uint64_t rounds = entries < STEPS_AT_LEAST ? STEPS_AT_LEAST / entries : 1;
    uint64_t steps = entries * rounds, random = 1;
    uint64_t *order = allocate(entries), *key = allocate(entries), *next = allocate(entries);
    uint64_t *walk = allocate(steps), *miss = allocate(steps);
    for (uint64_t i = 0; i < entries; i++)
        key[i] = key_of(i);
    for (uint64_t j = 0; j < steps; j++) {
        if (j % entries == 0)
            shuffle(order, entries, &random);
        walk[j] = key[order[j % entries]];
        miss[j] = key_of(MISS_FIRST + order[j % entries]);
    }
    for (uint64_t i = 0; i < entries; i++)
        next[order[i]] = key[order[(i + 1) % entries]];
    free(order);
    *keys = (struct bench_keys){entries, steps, key, next, walk, miss};
}

const struct bench_keys *bench_keys_get(uint64_t entries)
{
    static struct bench_keys sizes[SIZES_MAX];
    if (entries == 0)
        return NULL;
    for (int i = 0; i < SIZES_MAX; i++) {
        if (sizes[i].entries == 0)
            build(&sizes[i], entries);
        if (sizes[i].entries == entries)
            return &sizes[i];
    }
    abort();
}

uint64_t bench_fresh_key(const struct bench_run *run, uint64_t index)
{
    return key_of(FRESH_FIRST + run->thread * FRESH_PER_THREAD + index);
}
