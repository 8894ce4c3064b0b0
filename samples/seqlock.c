/* SPDX-License-Identifier: MIT */
/*
 * A market quote: one feed changes it as fast as it can, traders copy it, and nobody ever sees half of one.
 *
 * Each quote says by its numbers whether it is whole: the spread is always two cents, and prices never go back.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <intermut/seqlock.h>

enum { TRADERS = 3, QUOTES = 200000, SPREAD_CENTS = 2 };

struct quote {
    char symbol[8];
    uint64_t number;
    uint64_t quoted_at_ns;
    uint64_t bid_cents, ask_cents;
    uint64_t volume;
};

static im_single_seqlock(struct quote) best = IM_SEQLOCK_INIT({"IMUT", 0, 0, 100, 100 + SPREAD_CENTS, 0});

/* Each trader adds to this one: many writers. */
struct findings {
    uint64_t looks, torn, back;
    uint64_t stalest_ns; /* how old a quote was at most when it was seen */
};
static im_seqlock(struct findings) report;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *feed(void *unused)
{
    for (uint64_t n = 1; n <= QUOTES; n++)
        im_seqlock_store(&best, ((struct quote){"IMUT", n, now_ns(), 100 + n, 100 + n + SPREAD_CENTS, 10 * n}));
    return unused;
}

static void *trade(void *unused)
{
    uint64_t looks = 0, torn = 0, back = 0, last = 0, stalest_ns = 0;
    while (last < QUOTES) {
        struct quote now;
        im_seqlock_load_into(&best, &now);
        uint64_t age_ns = now_ns() - now.quoted_at_ns;
        if (now.number && age_ns > stalest_ns)
            stalest_ns = age_ns;
        looks++;
        torn += now.ask_cents - now.bid_cents != SPREAD_CENTS || now.volume != 10 * now.number;
        back += now.number < last;
        last = now.number;
    }
    im_seqlock_with(r, &report)
    {
        r->looks += looks;
        r->torn += torn;
        r->back += back;
        if (stalest_ns > r->stalest_ns)
            r->stalest_ns = stalest_ns;
    }
    return unused;
}

int main(void)
{
    pthread_t traders[TRADERS], writer;
    for (int i = 0; i < TRADERS; i++) {
        if (pthread_create(&traders[i], NULL, trade, NULL))
            exit(EXIT_FAILURE);
    }
    if (pthread_create(&writer, NULL, feed, NULL))
        exit(EXIT_FAILURE);
    pthread_join(writer, NULL);
    for (int i = 0; i < TRADERS; i++)
        pthread_join(traders[i], NULL);

    struct quote last = im_seqlock_load(&best);
    printf("%s: %lu quotes, last %lu.%02lu to %lu.%02lu\n", last.symbol, last.number, last.bid_cents / 100,
           last.bid_cents % 100, last.ask_cents / 100, last.ask_cents % 100);
    bool enough = im_seqlock_load(&report).looks >= TRADERS;
    printf("%d traders%s, %lu torn, %lu out of order\n", TRADERS, enough ? "" : " did not look",
           im_seqlock_load(&report).torn, im_seqlock_load(&report).back);
    printf("the stalest was seen %lu us after it was made\n", im_seqlock_load(&report).stalest_ns / 1000);
    return 0;
}
