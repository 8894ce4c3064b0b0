/* SPDX-License-Identifier: MIT */
/* The rows: what is measured under which conditions. What the report says of them is in targets.json. */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#define THOUSAND 1000u
#define MILLION 1000000u
/* Lookups in a map beyond the caches: each key comes up twice; a quarter of a second at 125 ns. */
#define LARGE 2 * MILLION
/* Objects that are each made once: some milliseconds. */
#define ONCES 100 * THOUSAND

static const struct bench_row rows[] = {
    {.id = "cell/get/8B", .threads = 1},
    {.id = "cell/set/8B", .threads = 1},
    {.id = "cell/replace/8B", .threads = 1},
    {.id = "cell/get/64B", .threads = 1},
    {.id = "cell/set/64B", .threads = 1},
    {.id = "cell/replace/64B", .threads = 1},
    {.id = "cell/bytes/8B", .threads = 1, .iterations = 1},
    {.id = "cell/bytes/64B", .threads = 1, .iterations = 1},
    {.id = "refcell/borrow/8B", .threads = 1},
    {.id = "refcell/borrow_mut/8B", .threads = 1},
    {.id = "refcell/bytes/8B", .threads = 1, .iterations = 1},
    {.id = "token/ro/8B", .threads = 1},
    {.id = "token/rw/8B", .threads = 1},
    {.id = "token/rw2/8B", .threads = 1},
    {.id = "token/bytes/8B", .threads = 1, .iterations = 1},

/* clang-format off */
#define PER_SIZE(operation, size) {.id = "atomic/" operation "/" size, .threads = 1}
#define ATOMIC_ROWS(size) \
    PER_SIZE("load", size), PER_SIZE("store", size), PER_SIZE("exchange", size), PER_SIZE("fetch_add", size), \
    PER_SIZE("compare_exchange", size), {.id = "atomic/bytes/" size, .threads = 1, .iterations = 1}
    /* clang-format on */
    ATOMIC_ROWS("1B"),
    ATOMIC_ROWS("2B"),
    ATOMIC_ROWS("4B"),
    ATOMIC_ROWS("8B"),
    {.id = "atomic/fetch_add/8B/4t", .threads = 4},
    {.id = "atomic/load/8B/3r1w", .threads = 3, .has_background = true},

    {.id = "seqlock/load/16B", .threads = 1},
    {.id = "seqlock/load/24B", .threads = 1},
    {.id = "seqlock/load/64B", .threads = 1},
    {.id = "seqlock/load/256B", .threads = 1},
    {.id = "seqlock/store/16B", .threads = 1},
    {.id = "seqlock/store/24B", .threads = 1},
    {.id = "seqlock/store/64B", .threads = 1},
    {.id = "seqlock/store/256B", .threads = 1},
    {.id = "seqlock/load/64B/4t", .threads = 4},
    {.id = "seqlock/load/64B/3r1w", .threads = 3, .has_background = true},
    {.id = "seqlock/load/64B/3r1w/unpaced", .threads = 3, .has_background = true},

/* clang-format off */
#define RECORD_ROWS(size) \
    {.id = "record/load/" size, .threads = 1}, {.id = "record/store/" size, .threads = 1}, \
    {.id = "record/load/" size "/4t", .threads = 4}, \
    {.id = "record/load/" size "/3r1w", .threads = 3, .has_background = true}, \
    {.id = "record/load/" size "/3r1w/unpaced", .threads = 3, .has_background = true}
    /* clang-format on */
    RECORD_ROWS("16B"),
    RECORD_ROWS("24B"),
    RECORD_ROWS("64B"),
    RECORD_ROWS("256B"),

    {.id = "mutex/lock", .threads = 1},
    {.id = "mutex/lock/4t", .threads = 4},
    {.id = "mutex/lock/4t/50ns", .threads = 4},
    {.id = "mutex/share/4t", .threads = 4, .iterations = 300000},
    {.id = "mutex/bytes", .threads = 1, .iterations = 1},
    {.id = "reentrant/lock", .threads = 1},
    {.id = "reentrant/lock/4t", .threads = 4},

    {.id = "rwlock/read", .threads = 1},
    {.id = "rwlock/write", .threads = 1},
    {.id = "rwlock/read/4t", .threads = 4},
    {.id = "rwlock/mix5/4t", .threads = 4},
    {.id = "rwlock/writer/3r1w", .threads = 3, .has_background = true},
    {.id = "rwlock/scalable/read", .threads = 1},
    {.id = "rwlock/scalable/write", .threads = 1},
    {.id = "rwlock/scalable/read/4t", .threads = 4},
    {.id = "rwlock/scalable/mix5/4t", .threads = 4},
    {.id = "rwlock/bytes", .threads = 1, .iterations = 1},

    {.id = "once/get/8B", .threads = 1},
    {.id = "once/get_or_init/8B", .threads = 1},
    {.id = "once/first/8B", .threads = 1, .iterations = ONCES},
    {.id = "once/storm/8B/4t", .threads = 4, .iterations = ONCES},
    {.id = "once/bytes/8B", .threads = 1, .iterations = 1},

    {.id = "map/hit/1k", .threads = 1, .entries = THOUSAND},
    {.id = "map/miss/1k", .threads = 1, .entries = THOUSAND},
    {.id = "map/hit/1k/4t", .threads = 4, .entries = THOUSAND},
    {.id = "map/hit/1M", .threads = 1, .entries = MILLION, .iterations = LARGE},
    {.id = "map/hit/1M/4t", .threads = 4, .entries = MILLION, .iterations = LARGE},
    {.id = "map/many/1M", .threads = 1, .entries = MILLION, .iterations = LARGE},
    {.id = "map/dependent/1M", .threads = 1, .entries = MILLION, .iterations = MILLION},
    {.id = "map/miss/1M/4t", .threads = 4, .entries = MILLION, .iterations = LARGE},
    {.id = "map/update5/1M/4t", .threads = 4, .entries = MILLION},
    {.id = "map/update50/1M/4t", .threads = 4, .entries = MILLION},
    {.id = "map/turnover/1M/4t", .threads = 4, .entries = MILLION},
    {.id = "map/churn/1k/3r1w", .threads = 3, .has_background = true, .entries = THOUSAND},
    {.id = "map/fill/1M", .threads = 1, .fills = true, .entries = MILLION},
    {.id = "map/fill/1M/fresh", .threads = 1, .fills = true, .entries = MILLION},
    {.id = "map/fill/1M/4t", .threads = 4, .fills = true, .entries = MILLION},
    {.id = "map/bytes/1M", .threads = 1, .entries = MILLION, .iterations = 1},
    {.id = "map/grow/2M", .threads = 3, .entries = 2 * MILLION, .iterations = 1},
    {.id = "map/hit/10M", .threads = 1, .entries = 10 * MILLION, .iterations = LARGE},
    {.id = "map/miss/10M", .threads = 1, .entries = 10 * MILLION, .iterations = LARGE},
    {.id = "map/fill/10M", .threads = 1, .fills = true, .entries = 10 * MILLION},
};

const struct bench_row *bench_row_find(const char *id)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (strcmp(rows[i].id, id) == 0)
            return &rows[i];
    fprintf(stderr, "bench: rows.c has no row \"%s\"\n", id);
    exit(EXIT_FAILURE);
}
