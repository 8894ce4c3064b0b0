/* SPDX-License-Identifier: MIT */
/*
 * Rows O1, O4, O6 and O7: of all initialisers that run at the same time one at a time does, exactly one succeeds, whoever
 * has the value sees it whole, nobody sleeps on; and nobody changes a mut_once after the first reference.
 *
 * Twins: initialisers that do not exclude each other; an end that wakes nobody; a reference that does not wait for the
 * last borrow; a race that everybody wins; and, for ThreadSanitizer, an end without release.
 */
#include "stress.h"

#if defined(STRESS_BROKEN_TWIN) && IM_THREAD_SANITIZER
#include "tsan_report.h"
#endif

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <intermut/mut_once.h>
#include <intermut/once.h>
#include <intermut/once_race.h>

enum { THREADS = 4, WORDS = 8, RUNS = 3, FAILED = 1 };

struct record {
    uint64_t word[WORDS];
};

struct round {
    im_once(struct record) once;
    im_once(struct record) announced;
    im_once_race(struct record *) race;
    im_sync_mut_once(struct record) open;
    struct record raced[THREADS];
    uint64_t inside;    /* initialisers at work, and borrows: only where they exclude each other */
    uint64_t successes; /* plain: written under the initialiser */
    uint64_t changes;   /* that reached the mut_once */
};

static struct round round;
static pthread_barrier_t begin, end;
static uint64_t rounds;

static void check_record(const struct record *record, const char *what)
{
    for (int i = 1; i < WORDS; i++) {
        if (record->word[i] != record->word[0] || record->word[0] == 0)
            stress_violation("%s is not whole: %lu and %lu", what, (unsigned long)record->word[0],
                             (unsigned long)record->word[i]);
    }
}

static void fill(struct record *record, uint64_t number)
{
    for (int i = 0; i < WORDS; i++)
        record->word[i] = number;
}

/* Each yield takes milliseconds on a busy machine: only some, and the first ones of a twin. */
static void let_others_come(void)
{
    static __thread unsigned times;
    if (times++ % 16 == 0 || (STRESS_PATIENCE > 1 && times < 512))
        im_sync_yield();
}

static void enter(const char *what)
{
    if (im_sync_fetch_add(&round.inside, 1, memory_order_relaxed) != 0)
        stress_violation("two are at %s at the same time", what);
}

static void leave(void)
{
    im_sync_fetch_sub(&round.inside, 1, memory_order_relaxed);
}

/* Fails every other time, until it has succeeded. */
static int make(struct record *out, void *number)
{
    int error = 0;
    enter("an initialiser");
    if (stress_random(number) % 2)
        error = FAILED;
    else
        round.successes++;
    STRESS_LINGER();
    fill(out, error ? 0 : *(uint64_t *)number | 1);
    leave();
    return error;
}

static int make_own(struct record **out, void *own)
{
    *out = own;
    let_others_come();
    fill(*out, 1 + (uint64_t)(*out - round.raced));
    return 0;
}

static void clear(struct record *loser)
{
    fill(loser, 0);
}

static void use_once(uint64_t *random)
{
    const struct record *record;
    while (!(record = im_once_get_or_init(&round.once, make, random)))
        continue;
    check_record(record, "a value");
    if (im_once_get(&round.once) != record)
        stress_violation("the value has moved");
}

static void use_announced(int thread)
{
    const struct record *record = NULL;
    if (thread == 0) {
        struct record mine, back;
        fill(&mine, 5);
        if (im_once_set(&round.announced, &back, mine) != 0)
            stress_violation("set refuses the only value");
    }
    record = im_once_wait(&round.announced);
    check_record(record, "an announced value");
}

static void use_race(int thread)
{
    const struct record *winner = im_once_race_get_or_init(&round.race, make_own, &round.raced[thread], clear);
    check_record(winner, "a winner");
    if (winner != im_once_race_get(&round.race))
        stress_violation("two have won");
}

static void use_open(int thread, uint64_t *random)
{
    for (unsigned i = stress_random(random) % 4; i > 0; i--) {
        im_mut_once_try_with_mut(record, &round.open)
        {
            uint64_t before = record->word[0];
            enter("a mut_once");
            let_others_come();
            fill(record, before + 1);
            round.changes++;
            leave();
        }
    }
    if (thread % 2 == 0) {
        const struct record *record = im_mut_once_get(&round.open);
        uint64_t fixed = record->word[0];
        for (int i = 0; i < WORDS; i++) {
            if (record->word[i] != fixed)
                stress_violation("a fixed value is not whole");
        }
        let_others_come();
        if (record->word[0] != fixed)
            stress_violation("a fixed value has changed");
    }
}

static void *use_all(void *number)
{
    int thread = *(int *)number;
    uint64_t random = 0x9e3779b97f4a7c15u * ((uint64_t)thread + 1);
    for (uint64_t i = 0; i < rounds; i++) {
        pthread_barrier_wait(&begin);
        use_race(thread);
        use_announced(thread);
        use_once(&random);
        use_open(thread, &random);
        pthread_barrier_wait(&end);
    }
    return NULL;
}

/* All threads are between two rounds. */
static void renew(bool is_first)
{
    if (!is_first && round.successes != 1)
        stress_violation("%lu initialisers have succeeded", (unsigned long)round.successes);
    if (!is_first && im_mut_once_get_mut(&round.open)->word[0] != round.changes)
        stress_violation("%lu of %lu changes are there", (unsigned long)im_mut_once_get_mut(&round.open)->word[0],
                         (unsigned long)round.changes);
    memset(&round, 0, sizeof round);
}

#ifdef STRESS_SLEEPS
/* A twin that sleeps for ever is found out by that. */
static void be_found_asleep(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_SUCCESS);
}
#endif

#ifdef STRESS_BROKEN_TWIN
/* Some twins are found out by the library first. */
static void be_found_out(const struct im_panic_info *info)
{
    stress_violation("%s", info->message);
    _exit(EXIT_SUCCESS);
}
#endif

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    int numbers[THREADS];
    rounds = stress_operations(4000, stress_scale(argc, argv));
    pthread_barrier_init(&begin, NULL, THREADS + 1);
    pthread_barrier_init(&end, NULL, THREADS + 1);
#ifdef STRESS_BROKEN_TWIN
    im_panic_set_handler(be_found_out);
#endif
#ifdef STRESS_SLEEPS
    signal(SIGALRM, be_found_asleep);
    alarm(2);
#endif
    for (uint64_t run = 0; stress_again(run, RUNS); run++) {
        for (int i = 0; i < THREADS; i++) {
            numbers[i] = i;
            stress_start(&threads[i], use_all, &numbers[i]);
        }
        for (uint64_t i = 0; i < rounds; i++) {
            renew(run == 0 && i == 0);
            pthread_barrier_wait(&begin);
            pthread_barrier_wait(&end);
        }
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
    }
    return stress_verdict();
}
