/* SPDX-License-Identifier: MIT */
/*
 * Decisions: who goes on, and which of several values or outcomes it is.
 *
 * Depth first, the decisions of an execution form a trail. The next execution repeats the trail up to its last decision
 * that has a choice left and takes that one there; the search is over when none has. All state of an execution is
 * rebuilt from its start (stateless search), so the trail is all there is to keep. The numbers chosen where there was
 * more than one possibility are the schedule that a failure prints and --replay takes.
 */
#include "engine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TRAIL = 1 << 16 };

struct decision {
    bool picks_thread;
    uint8_t chosen;
    uint64_t allowed; /* values, or threads that could run and are worth it */
    /* Of a pick: */
    unsigned enabled, tried, to_try, asleep;
    unsigned before; /* the thread that ran */
    unsigned preemptions;
    uint32_t marks[THREADS];     /* for sleepers: reads of stores before this are known */
    uint32_t next_mark[THREADS]; /* the mark that a thread gets when it falls asleep here */
};

static struct search_limits limits;
static struct decision *trail;
static int trail_length, cursor, changed_at;
static int current;
static unsigned last_thread, preemptions;
static uint64_t random_state;
static unsigned persistence; /* of 256: how often a random search stays with a thread */
static uint8_t *schedule;
static int schedule_length;
static const char *replay_at;
static unsigned long replay_again; /* times that the last number of the schedule is still to be given */
static unsigned replay_choice;

void search_begin(const struct search_limits *wanted)
{
    limits = *wanted;
    if (!trail)
        trail = malloc(TRAIL * sizeof *trail);
    if (!schedule)
        schedule = malloc(TRAIL);
    if (!trail || !schedule)
        abort();
    trail_length = 0;
    changed_at = -1;
    random_state = limits.seed * 2 + 1;
}

static uint64_t random_next(void)
{
    /* splitmix64, Steele et al., OOPSLA 2014 */
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static unsigned random_below(unsigned count)
{
    return (unsigned)((random_next() >> 32) * count >> 32);
}

void execution_begin_decisions(void)
{
    cursor = 0;
    current = NO_DECISION;
    last_thread = 0;
    preemptions = 0;
    schedule_length = 0;
    replay_at = limits.schedule ? limits.schedule : "";
    replay_again = 0;
    if (limits.strategy == STRATEGY_RANDOM)
        persistence = random_below(4) * 80;
}

/* ------------------------------------------------------------------------------------------------- what is chosen */

static void note_choice(unsigned choice)
{
    if (schedule_length < TRAIL)
        schedule[schedule_length++] = (uint8_t)choice;
}

static unsigned next_of_schedule(void)
{
    char *end;
    if (replay_again == 0) {
        if (!*replay_at)
            im_model_fail("the schedule ends before the execution does");
        replay_choice = (unsigned)strtoul(replay_at, &end, 10);
        replay_again = *end == 'x' ? strtoul(end + 1, &end, 10) : 1;
        replay_at = *end ? end + 1 : end;
    }
    replay_again--;
    return replay_choice;
}

static unsigned nth_bit(uint64_t mask, unsigned n)
{
    while (n-- > 0)
        mask &= mask - 1;
    return (unsigned)__builtin_ctzll(mask);
}

static struct decision *new_decision(void)
{
    if (trail_length == TRAIL) {
        snprintf(run.message, sizeof run.message, "more than %d decisions", TRAIL);
        end_execution(ENDING_INCOMPLETE);
    }
    return &trail[trail_length++];
}

static unsigned value_depth_first(uint64_t allowed)
{
    if (cursor == trail_length) {
        struct decision *decision = new_decision();
        decision->picks_thread = false;
        decision->allowed = allowed;
        decision->chosen = (uint8_t)__builtin_ctzll(allowed);
    }
    return trail[cursor++].chosen;
}

unsigned decide_value(unsigned count, uint64_t allowed)
{
    if (allowed == 0)
        im_model_fail("the checker has no choice left: a bug of its own");
    unsigned choice;
    if (count == 1)
        return 0;
    if (limits.strategy == STRATEGY_REPLAY)
        choice = next_of_schedule();
    else if ((allowed & (allowed - 1)) == 0)
        choice = (unsigned)__builtin_ctzll(allowed);
    else if (limits.strategy == STRATEGY_RANDOM)
        choice = random_below(2) ? (unsigned)__builtin_ctzll(allowed)
                                 : nth_bit(allowed, random_below((unsigned)__builtin_popcountll(allowed)));
    else
        choice = value_depth_first(allowed);
    if (choice >= count)
        im_model_fail("the schedule is not one of this harness");
    note_choice(choice);
    return choice;
}

/* ------------------------------------------------------------------------------------------------ who is picked */

static unsigned preemptions_with(unsigned enabled, unsigned before, unsigned so_far, unsigned next)
{
    return so_far + (before != 0 && next != before && (enabled & bit(before)));
}

/** Stores first: a load that comes later can read what was there before them too, so less is left to try again. */
static bool only_reads(unsigned thread)
{
    enum kind kind = run.thread[thread].pending.kind;
    return kind == OP_LOAD || kind == OP_FUTEX_WAIT;
}

static unsigned first_choice(unsigned allowed)
{
    bool bounded = limits.preemptions != UINT32_MAX;
    if ((allowed & bit(last_thread)) && (bounded || !only_reads(last_thread)))
        return last_thread;
    for (unsigned i = 1; !bounded && i <= run.threads; i++)
        if ((allowed & bit(i)) && !only_reads(i))
            return i;
    return (allowed & bit(last_thread)) ? last_thread : (unsigned)__builtin_ctz(allowed);
}

static int pick_first(unsigned enabled)
{
    bool naive = limits.strategy == STRATEGY_NAIVE;
    unsigned allowed = 0;
    for (unsigned i = 1; i <= run.threads; i++)
        if ((enabled & bit(i)) && (naive || !reduce_is_asleep(i)) &&
            preemptions_with(enabled, last_thread, preemptions, i) <= limits.preemptions)
            allowed |= bit(i);
    if (!allowed)
        return -1;
    struct decision *decision = new_decision();
    *decision = (struct decision){.picks_thread = true,
                                  .allowed = allowed,
                                  .enabled = enabled,
                                  .before = last_thread,
                                  .preemptions = preemptions,
                                  .chosen = (uint8_t)first_choice(allowed)};
    decision->to_try = naive ? allowed : bit(decision->chosen);
    decision->asleep = reduce_sleep_set(decision->marks);
    for (unsigned i = 1; i <= run.threads; i++)
        decision->next_mark[i] = reduce_mark(i);
    return decision->chosen;
}

static int pick_depth_first(unsigned enabled)
{
    if (cursor == trail_length && pick_first(enabled) < 0)
        return -1;
    current = cursor++;
    struct decision *decision = &trail[current];
    if (limits.strategy == STRATEGY_DEPTH_FIRST)
        reduce_set_sleep_set(decision->asleep, decision->marks);
    return decision->chosen;
}

static unsigned pick_at_random(unsigned enabled)
{
    if ((enabled & bit(last_thread)) && random_below(256) < persistence)
        return last_thread;
    return nth_bit(enabled, random_below((unsigned)__builtin_popcount(enabled)));
}

int decide_thread(unsigned enabled)
{
    int next;
    bool alone = (enabled & (enabled - 1)) == 0;
    current = NO_DECISION;
    if (alone && (limits.strategy != STRATEGY_DEPTH_FIRST || !reduce_is_asleep((unsigned)__builtin_ctz(enabled))))
        next = __builtin_ctz(enabled);
    else if (alone)
        next = -1;
    else if (limits.strategy == STRATEGY_REPLAY)
        next = (int)next_of_schedule();
    else if (limits.strategy == STRATEGY_RANDOM)
        next = (int)pick_at_random(enabled);
    else
        next = pick_depth_first(enabled);
    if (next < 0)
        return next;
    if (!((enabled >> next) & 1))
        im_model_fail("the schedule is not one of this harness");
    preemptions = preemptions_with(enabled, last_thread, preemptions, (unsigned)next);
    last_thread = (unsigned)next;
    if (!alone)
        note_choice((unsigned)next);
    return next;
}

/* --------------------------------------------------------------------------------------- what is tried afterwards */

static bool next_value(struct decision *decision)
{
    uint64_t rest = decision->allowed & ~((UINT64_C(2) << decision->chosen) - 1);
    if (!rest)
        return false;
    decision->chosen = (uint8_t)__builtin_ctzll(rest);
    return true;
}

static bool next_thread(struct decision *decision)
{
    decision->tried |= bit(decision->chosen);
    decision->asleep |= bit(decision->chosen);
    decision->marks[decision->chosen] = decision->next_mark[decision->chosen];
    unsigned rest = decision->to_try & (unsigned)decision->allowed & ~decision->tried;
    if (!rest)
        return false;
    decision->chosen = (uint8_t)__builtin_ctz(rest);
    return true;
}

bool search_next(void)
{
    if (limits.strategy == STRATEGY_RANDOM)
        return true;
    for (; trail_length > 0; trail_length--) {
        struct decision *decision = &trail[trail_length - 1];
        if (decision->picks_thread ? next_thread(decision) : next_value(decision)) {
            changed_at = trail_length - 1;
            return true;
        }
    }
    return false;
}

int decision_now(void)
{
    return current;
}

/** Whether the event that is being made was made in the execution before, too. */
bool decisions_replayed(void)
{
    return limits.strategy != STRATEGY_DEPTH_FIRST || cursor <= changed_at;
}

unsigned decision_enabled(int decision)
{
    return trail[decision].enabled;
}

bool decision_was_tried(int decision, unsigned threads)
{
    return (trail[decision].to_try & threads) != 0;
}

void decision_try(int decision, unsigned threads)
{
    trail[decision].to_try |= threads;
}

/** Numbers with points between; 2x5 is five times 2. */
void schedule_print(FILE *out)
{
    for (int i = 0, next; i < schedule_length; i = next) {
        for (next = i + 1; next < schedule_length && schedule[next] == schedule[i];)
            next++;
        fprintf(out, "%s%u", i ? "." : "", schedule[i]);
        if (next > i + 1)
            fprintf(out, "x%d", next - i);
    }
}
