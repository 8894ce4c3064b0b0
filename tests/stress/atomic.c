/* SPDX-License-Identifier: MIT */
/*
 * Rows A1, A4, A5, A7 and A8: values of 16, 24 and 64 bytes are never torn and lose no update, what a thread did before
 * its store is visible to who loads it, and nobody sleeps through a change.
 *
 * ThreadSanitizer has nothing to say here, without any suppression. Twins: 16 bytes stored as two words; a load that does
 * not look at the sequence again; a compare-exchange that takes no lock; one whose value is stored behind the end of its
 * write, as a missing fence would have it; and, for ThreadSanitizer, an end without release.
 */
#include "stress.h"

#if defined(STRESS_BROKEN_TWIN) && IM_THREAD_SANITIZER
#include "tsan_report.h"
#endif

#include <intermut/atomic_wait.h>

enum { READERS = 2, WRITERS = 2, RUNS = 2 };

static uint64_t operations;
static stress_flag stop;

static void check_words(const uint64_t *word, size_t bytes, uint64_t *last)
{
    for (size_t i = 1; i < bytes / 8; i++) {
        if (word[i] != word[0])
            stress_violation("%zu bytes are torn: %lu and %lu", bytes, (unsigned long)word[0], (unsigned long)word[i]);
    }
    if (word[0] < *last)
        stress_violation("%zu bytes went back from %lu to %lu", bytes, (unsigned long)*last, (unsigned long)word[0]);
    *last = word[0];
}

/* A counter in each word of a record: a type, an object, a thread that counts, and one that looks. */
#define RECORD(name, kind, bytes)                                                                   \
    typedef struct {                                                                                \
        uint64_t word[(bytes) / 8];                                                                 \
    } name##_record;                                                                                \
    static kind(name##_record) name;                                                                \
    static name##_record name##_after(name##_record record)                                         \
    {                                                                                               \
        uint64_t last = 0;                                                                          \
        check_words(record.word, bytes, &last);                                                     \
        for (size_t i = 0; i < (bytes) / 8; i++)                                                    \
            record.word[i]++;                                                                       \
        return record;                                                                              \
    }                                                                                               \
    static void name##_count(void)                                                                  \
    {                                                                                               \
        (void)im_atomic_fetch_update(&name, r, name##_after(r));                                    \
    }                                                                                               \
    static void name##_look(uint64_t *last)                                                         \
    {                                                                                               \
        name##_record record = im_atomic_load(&name);                                               \
        check_words(record.word, bytes, last);                                                      \
    }                                                                                               \
    static void name##_begin(void)                                                                  \
    {                                                                                               \
        im_atomic_store(&name, (name##_record){{0}});                                               \
    }                                                                                               \
    static void name##_end(void)                                                                    \
    {                                                                                               \
        uint64_t count = im_atomic_load(&name).word[0];                                             \
        if (count != WRITERS * operations)                                                          \
            stress_violation("%d bytes: updates are lost: %lu of %lu", bytes, (unsigned long)count, \
                             (unsigned long)(WRITERS * operations));                                \
    }

RECORD(sixteen, im_atomic, 16)
RECORD(stripe_24, im_atomic, 24)
RECORD(stripe_64, im_atomic, 64)
RECORD(own_24, im_atomic_with_lock, 24)

static void *count_all(void *unused)
{
    for (uint64_t i = 0; i < operations; i++) {
        sixteen_count();
        stripe_24_count();
        stripe_64_count();
        own_24_count();
    }
    return unused;
}

static void *look_at_all(void *unused)
{
    uint64_t last[4] = {0};
    while (!im_atomic_load(&stop)) {
        sixteen_look(&last[0]);
        stripe_24_look(&last[1]);
        stripe_64_look(&last[2]);
        own_24_look(&last[3]);
    }
    return unused;
}

/* ---- Stores alone: one writer, who prepares something in plain memory for each number ---- */

enum { PLACES = 1 << 14 };
static uint64_t prepared[2][PLACES];

static void *store_numbers(void *unused)
{
    for (uint64_t n = 1; n < PLACES; n++) {
        prepared[0][n] = n;
        im_atomic_store(&sixteen, (sixteen_record){{n, n}});
        prepared[1][n] = n;
        im_atomic_store(&stripe_24, (stripe_24_record){{n, n, n}});
    }
    im_atomic_store(&stop, true);
    return unused;
}

static void *load_numbers(void *unused)
{
    uint64_t last[2] = {0};
    while (!im_atomic_load(&stop)) {
        sixteen_look(&last[0]);
        stripe_24_look(&last[1]);
        for (int i = 0; i < 2; i++) {
            if (last[i] >= PLACES || prepared[i][last[i]] != last[i])
                stress_violation("%lu is not prepared", (unsigned long)last[i]);
        }
    }
    return unused;
}

/* ---- 16 bytes as fast as they can be stored: two words would be caught between them ---- */

static void *store_sixteen(void *unused)
{
    for (uint64_t n = 1; n < 20 * operations; n++)
        im_atomic_store(&sixteen, (sixteen_record){{n, n}});
    return unused;
}

static void *load_sixteen(void *unused)
{
    uint64_t last = 0;
    while (!im_atomic_load(&stop))
        sixteen_look(&last);
    return unused;
}

/* ---- Two threads that wait for each other, by a word and by a record ---- */

static im_atomic(uint32_t) ball;
static im_atomic(stripe_24_record) answer;
static uint64_t turns;

static void *return_balls(void *unused)
{
    for (uint32_t n = 1; n <= turns; n++) {
        (void)im_atomic_wait(&ball, n - 1);
        im_atomic_store(&answer, (stripe_24_record){{n, n, n}});
        im_atomic_wake_one(&answer);
    }
    return unused;
}

static void *serve_balls(void *unused)
{
    for (uint32_t n = 1; n <= turns; n++) {
        im_atomic_store(&ball, n);
        im_atomic_wake_one(&ball);
        stripe_24_record seen = im_atomic_wait_while(&answer, a, a.word[0] < n);
        uint64_t last = n;
        check_words(seen.word, 24, &last);
    }
    return unused;
}

/* ---- */

static void run(void *(*write)(void *), int writers, void *(*read)(void *), int readers)
{
    pthread_t threads[READERS + WRITERS];
    im_atomic_store(&stop, false);
    for (int i = 0; i < writers + readers; i++)
        stress_start(&threads[i], i < writers ? write : read, NULL);
    for (int i = 0; i < writers + readers; i++) {
        if (i == writers)
            im_atomic_store(&stop, true);
        pthread_join(threads[i], NULL);
    }
}

static void begin_all(void)
{
    sixteen_begin(), stripe_24_begin(), stripe_64_begin(), own_24_begin();
}

static void count(void)
{
    begin_all();
    run(count_all, WRITERS, look_at_all, READERS);
    sixteen_end(), stripe_24_end(), stripe_64_end(), own_24_end();
    begin_all();
    run(store_numbers, 1, load_numbers, READERS);
    sixteen_begin();
    run(store_sixteen, 1, load_sixteen, READERS);
}

int main(int argc, char **argv)
{
    operations = stress_operations(50000, stress_scale(argc, argv));
    turns = stress_operations(5000, stress_scale(argc, argv));
    for (uint64_t i = 0; stress_again(i, RUNS); i++) {
#if IM_ATOMIC_16
        /* Once with all that the CPU can do, and once as if it had no atomic moves of 16 bytes. */
        uint32_t ways = im_atomic_16_find_ways();
        im_sync_store(&im_atomic_table.ways_of_16, i % 2 ? ways & ~(uint32_t)IM_ATOMIC_16_MOVES : ways,
                      memory_order_relaxed);
        count();
        im_sync_store(&im_atomic_table.ways_of_16, ways, memory_order_relaxed);
#else
        count();
#endif
        im_atomic_store(&ball, 0);
        im_atomic_store(&answer, (stripe_24_record){{0}});
        run(return_balls, 1, serve_balls, 1);
    }
    return stress_verdict();
}
