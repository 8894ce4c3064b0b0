/* SPDX-License-Identifier: MIT */
/*
 * Rows S1 to S3, S5 and S7: loads are whole and do not go back, stores and updates exclude each other, what a writer
 * did before its store is visible to who loads it, and a writer that never stops starves no reader.
 *
 * ThreadSanitizer has nothing to say here, without any suppression. Twins: the re-check dropped; the sequence taken by
 * a load and a plain store; the value stored behind the end of its write, as a missing fence would have it; writers
 * that do not wait for readers; a latch whose readers get the copy that changes; a spin lock that does not lock; and,
 * for ThreadSanitizer, an end without release.
 */
#include "stress.h"

#if defined(STRESS_BROKEN_TWIN) && IM_THREAD_SANITIZER
#include "tsan_report.h"
#endif

#include <intermut/latch.h>
#include <intermut/seqlock.h>
#include <intermut/spin.h>

enum { WORDS = 8, READERS = 2, WRITERS = 2, RUNS = 3 };

struct record {
    uint64_t word[WORDS];
};

/* Too large to be copied between two writes of a writer that does not pause. */
struct page {
    uint64_t word[512];
};

static struct record record_of(uint64_t n)
{
    return (struct record){{n, n, n, n, n, n, n, n}};
}

static uint64_t check_record(struct record record, const char *what)
{
    for (int i = 1; i < WORDS; i++) {
        if (record.word[i] != record.word[0])
            stress_violation("%s is torn: %lu and %lu", what, (unsigned long)record.word[0],
                             (unsigned long)record.word[i]);
    }
    return record.word[0];
}

static im_seqlock(struct record) many;
static im_single_seqlock(struct record) single;
static im_latch(struct record) latch;
static im_spin(struct record) spin;
static im_seqlock(struct page) page;
static uint64_t operations;
static stress_flag stop;

/* ---- Many writers: all updates count, in every kind of update ---- */

static void *update_all(void *unused)
{
    for (uint64_t i = 0; i < operations; i++) {
        im_seqlock_update(&many, r, record_of(check_record(r, "an update's value") + 1));
        im_seqlock_with(r, &many) *r = record_of(r->word[0] + 1);
        im_seqlock_with(r, &many)
        {
            *r = record_of(0);
            break;
        }
        im_spin_update(&spin, r, record_of(check_record(r, "a spin lock's value") + 1));
        im_sync_spin_hint();
    }
    return unused;
}

static void *load_all(void *unused)
{
    uint64_t last = 0, last_spin = 0;
    while (!im_atomic_load(&stop)) {
        uint64_t now = check_record(im_seqlock_load(&many), "a load");
        if (now < last)
            stress_violation("a load went back from %lu to %lu", (unsigned long)last, (unsigned long)now);
        last = now;
        now = check_record(im_spin_load(&spin), "a spin lock's load");
        if (now < last_spin)
            stress_violation("a spin lock went back");
        last_spin = now;
        struct record tried;
        if (im_seqlock_try_load(&many, &tried) && check_record(tried, "a try") < last)
            stress_violation("a try went back");
    }
    return unused;
}

/* ---- One writer: what it did before its store is there for who loads it ---- */

enum { PLACES = 1 << 16 };
static uint64_t prepared[PLACES]; /* plain: each is written once, before its number is stored */
static uint64_t prepared_for_latch[PLACES];

static void *store_numbers(void *unused)
{
    for (uint64_t n = 1; n < PLACES; n++) {
        prepared[n] = n;
        im_seqlock_store(&single, record_of(n));
        prepared_for_latch[n] = n;
        im_latch_store(&latch, record_of(n));
    }
    im_atomic_store(&stop, true);
    return unused;
}

static void *load_numbers(void *unused)
{
    uint64_t last = 0, last_latch = 0;
    while (!im_atomic_load(&stop)) {
        uint64_t n = check_record(im_seqlock_load(&single), "a single writer's value");
        if (n < last || n >= PLACES || prepared[n] != n)
            stress_violation("%lu after %lu is not prepared", (unsigned long)n, (unsigned long)last);
        last = n;
        n = check_record(im_latch_load(&latch), "a latch's value");
        if (n < last_latch || n >= PLACES || prepared_for_latch[n] != n)
            stress_violation("latch: %lu after %lu is not prepared", (unsigned long)n, (unsigned long)last_latch);
        last_latch = n;
    }
    return unused;
}

/* ---- A writer that never stops ---- */

/* A reader that was off its core for its share of time is not starved yet: a million writes take over 0.1 s. */
enum { STARVED_WRITES = 1000000 };
static stress_counter loads;

static void *store_pages(void *unused)
{
    uint64_t seen = 0, since = 0;
    while (!im_atomic_load(&stop)) {
        /* All the copying is inside: between two writes there is no time for a load. */
        im_seqlock_with(p, &page) p->word[511] = ++p->word[0];
        uint64_t now = im_atomic_load(&loads);
        since = now == seen ? since + 1 : 0;
        seen = now;
        if (since > STARVED_WRITES) {
            stress_violation("a reader is starved");
            im_atomic_store(&stop, true);
        }
    }
    return unused;
}

static void *load_pages(void *unused)
{
    for (uint64_t i = 0; i < operations / 10 && !im_atomic_load(&stop); i++) {
        static __thread struct page seen;
        im_seqlock_load_into(&page, &seen);
        if (seen.word[0] != seen.word[511])
            stress_violation("a page is torn");
        im_atomic_fetch_add(&loads, 1);
    }
    im_atomic_store(&stop, true);
    return unused;
}

/* ---- */

static void run(void *(*write)(void *), int writers, void *(*read)(void *), int readers, bool writers_end)
{
    pthread_t threads[READERS + WRITERS];
    im_atomic_store(&stop, false);
    for (int i = 0; i < writers + readers; i++)
        stress_start(&threads[i], i < writers ? write : read, NULL);
    for (int i = 0; i < writers + readers; i++) {
        if (i == writers && writers_end)
            im_atomic_store(&stop, true);
        pthread_join(threads[i], NULL);
    }
}

int main(int argc, char **argv)
{
    operations = stress_operations(100000, stress_scale(argc, argv));
    for (uint64_t i = 0; stress_again(i, RUNS); i++) {
        im_seqlock_store(&many, record_of(0));
        im_spin_store(&spin, record_of(0));
        run(update_all, WRITERS, load_all, READERS, true);
        if (im_seqlock_load(&many).word[0] != 2 * WRITERS * operations)
            stress_violation("updates are lost: %lu of %lu", (unsigned long)im_seqlock_load(&many).word[0],
                             (unsigned long)(2 * WRITERS * operations));
        if (im_spin_load(&spin).word[0] != WRITERS * operations)
            stress_violation("updates of the spin lock are lost");

        im_seqlock_store(&single, record_of(0));
        im_latch_store(&latch, record_of(0));
        run(store_numbers, 1, load_numbers, READERS, true);

        run(store_pages, 1, load_pages, 1, false);
    }
    return stress_verdict();
}
