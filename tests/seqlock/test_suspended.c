/* SPDX-License-Identifier: MIT */
/* A reader that loses its core in the middle of a copy, for as long as it takes a writer to go round many times. */
#include <criterion/criterion.h>

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include <intermut/seqlock.h>

enum { WORDS = 1 << 14, STORES = 20, ROUNDS = 20 };

struct page {
    uint64_t word[WORDS];
};
typedef im_single_seqlock(struct page) page_cell;

static page_cell cell;
static struct page page, seen;
static sem_t is_suspended, may_go_on;
static int must_stop;
static int torn, back;

static void store_pages(uint64_t first)
{
    for (uint64_t n = first; n < first + STORES; n++) {
        for (size_t i = 0; i < WORDS; i++)
            page.word[i] = n;
        im_seqlock_store(&cell, page);
    }
}

/* By steps, so that the suspension is inside for sure. */
Test(suspended, a_copy_around_many_stores_is_found_out)
{
    const struct im_seqcount *count = &cell.im_lock.count;
    store_pages(1);
    uint64_t read = im_seqcount_read_begin(count);
    im_racy_load(&seen, &cell.im_value, sizeof seen / 2);
    store_pages(STORES + 1);
    im_racy_load(&seen.word[WORDS / 2], &cell.im_value.word[WORDS / 2], sizeof seen / 2);
    cr_assert(im_seqcount_read_retry(count, read));
    cr_assert_eq(seen.word[0], STORES);
    cr_assert_eq(seen.word[WORDS - 1], 2 * STORES, "it was torn indeed");
}

static void suspend(int signal)
{
    (void)signal;
    sem_post(&is_suspended);
    while (sem_wait(&may_go_on))
        ;
}

static void *load_pages(void *unused)
{
    uint64_t last = 0;
    while (!im_sync_load(&must_stop, memory_order_relaxed)) {
        im_seqlock_load_into(&cell, &seen);
        for (size_t i = 1; i < WORDS; i++)
            torn += seen.word[i] != seen.word[0];
        back += seen.word[0] < last;
        last = seen.word[0];
    }
    return unused;
}

/* And wherever a signal comes: most of the time the reader copies. The writer does not wait for it. */
Test(suspended, a_load_goes_on_with_a_whole_value)
{
    pthread_t reader;
    sem_init(&is_suspended, 0, 0);
    sem_init(&may_go_on, 0, 0);
    signal(SIGUSR1, suspend);
    cr_assert_eq(pthread_create(&reader, NULL, load_pages, NULL), 0);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        pthread_kill(reader, SIGUSR1);
        sem_wait(&is_suspended);
        store_pages(round * STORES + 1);
        sem_post(&may_go_on);
    }
    im_sync_store(&must_stop, 1, memory_order_relaxed);
    pthread_join(reader, NULL);
    cr_assert_eq(torn, 0);
    cr_assert_eq(back, 0);
}
