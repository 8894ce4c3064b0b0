/* SPDX-License-Identifier: MIT */
/*
 * The reduction loses nothing: for programs made up at random, the outcomes of the reduced search are those of a search
 * that tries every thread at every step.
 *
 *     model_reduction [PROGRAMS [SEED]]
 *
 * Every kind of step is in the programs: accesses and fences of all orders, a mutex, a futex, RCU. A race, a deadlock,
 * a livelock is an outcome like any other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/engine.h"
#include "../engine/rcu.h"

enum { MOST_STEPS = 4, VARIABLES = 2, OUTCOMES = 4096, OUTCOME_BYTES = 96, MOST_EXECUTIONS = 50000 };

enum instruction {
    LOAD, STORE, ADD, SWAP_IF, FENCE, LOCKED, TRIED, SLEEP, WAKE, MOVE, SECTION, GRACE, AWAIT, INSTRUCTIONS
};

struct step {
    enum instruction instruction;
    int order;
    unsigned variable;
    uint32_t value;
};

struct set {
    char outcome[OUTCOMES][OUTCOME_BYTES];
    unsigned count;
    unsigned long executions;
    bool cut_short;
};

static struct step program[3][MOST_STEPS];
static unsigned steps[3], threads;
static uint32_t variable[VARIABLES], word, other_word, result[3][MOST_STEPS];
static struct im_sync_mutex mutex;
static struct set naive, reduced;
static uint64_t random_state;

static unsigned below(unsigned count)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)((random_state >> 33) % count);
}

static void make_step(struct step *step)
{
    static const int orders[] = {__ATOMIC_RELAXED, __ATOMIC_RELAXED, __ATOMIC_ACQUIRE,
                                 __ATOMIC_RELEASE, __ATOMIC_ACQ_REL, __ATOMIC_SEQ_CST};
    step->instruction = below(3) ? (enum instruction)below(FENCE + 1) : (enum instruction)below(INSTRUCTIONS);
    step->order = orders[below(6)];
    step->variable = below(VARIABLES);
    step->value = 1 + below(3);
}

static void make_program(void)
{
    threads = 2 + below(2);
    for (unsigned i = 0; i < threads; i++) {
        steps[i] = 1 + below(threads == 2 ? MOST_STEPS : MOST_STEPS - 1);
        for (unsigned j = 0; j < steps[i]; j++)
            make_step(&program[i][j]);
    }
}

static int load_order(int order)
{
    return order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL ? __ATOMIC_ACQUIRE : order;
}

static int store_order(int order)
{
    return order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL ? __ATOMIC_RELEASE : order;
}

static uint32_t swap_if(const struct step *step)
{
    uint32_t expected = step->value - 1;
    bool done = im_sync_compare_exchange(&variable[step->variable], &expected, step->value, step->order,
                                         load_order(step->order));
    return done ? 100 : expected;
}

static uint32_t tried(const struct step *step)
{
    if (!im_sync_mutex_try_lock(&mutex))
        return 0;
    im_sync_store(&variable[step->variable], step->value, __ATOMIC_RELAXED);
    im_sync_mutex_unlock(&mutex);
    return 1;
}

static uint32_t locked(const struct step *step)
{
    im_sync_mutex_lock(&mutex);
    uint32_t seen = im_sync_fetch_add(&variable[step->variable], step->value, __ATOMIC_RELAXED);
    im_sync_mutex_unlock(&mutex);
    return seen;
}

static uint32_t section(const struct step *step)
{
    im_model_rcu_read_lock(IM_MODEL_SITE("section"));
    uint32_t seen = im_sync_load(&variable[step->variable], __ATOMIC_RELAXED);
    seen = seen * 10 + im_sync_load(&variable[!step->variable], __ATOMIC_RELAXED);
    im_model_rcu_read_unlock(IM_MODEL_SITE("section"));
    return seen;
}

static uint32_t wake(const struct step *step)
{
    im_sync_store(&word, 1, __ATOMIC_RELAXED);
    im_sync_wake(&word, (int)step->value);
    if (step->variable)
        im_sync_wake(&other_word, (int)step->value);
    return 0;
}

static uint32_t move(const struct step *step)
{
    return (uint32_t)im_sync_requeue(&word, step->value & 1, (int)step->value / 2, &other_word);
}

static uint32_t grace(const struct step *step)
{
    im_sync_store(&variable[step->variable], step->value, __ATOMIC_RELAXED);
    im_model_rcu_synchronize(IM_MODEL_SITE("grace"));
    im_sync_store(&variable[!step->variable], step->value, __ATOMIC_RELAXED);
    return 0;
}

static uint32_t await(const struct step *step)
{
    uint32_t seen;
    while ((seen = im_sync_load(&variable[step->variable], load_order(step->order))) == 0)
        im_sync_yield();
    return seen;
}

static uint32_t perform(const struct step *step)
{
    uint32_t *where = &variable[step->variable];
    switch (step->instruction) {
    case LOAD:
        return im_sync_load(where, load_order(step->order));
    case STORE:
        im_sync_store(where, step->value, store_order(step->order));
        return 0;
    case ADD:
        return im_sync_fetch_add(where, step->value, step->order);
    case SWAP_IF:
        return swap_if(step);
    case FENCE:
        im_sync_fence(step->order);
        return 0;
    case LOCKED:
        return locked(step);
    case TRIED:
        return tried(step);
    case SLEEP:
        return (uint32_t)im_sync_wait(&word, 0, UINT64_MAX);
    case WAKE:
        return wake(step);
    case MOVE:
        return move(step);
    case SECTION:
        return section(step);
    case GRACE:
        return grace(step);
    default:
        return await(step);
    }
}

static void init(void)
{
    memset(variable, 0, sizeof variable);
    memset(result, 0, sizeof result);
    word = 0;
}

static void run_thread(void)
{
    unsigned self = im_model_thread() - 1;
    for (unsigned i = 0; i < steps[self]; i++)
        result[self][i] = perform(&program[self][i]);
}

static void check(void)
{
    char text[OUTCOME_BYTES];
    size_t used = 0;
    for (unsigned i = 0; i < threads; i++)
        for (unsigned j = 0; j < steps[i]; j++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%u ", result[i][j]);
    im_model_outcome("%s: %u %u", text, variable[0], variable[1]);
}

/* ------------------------------------------------------------------------------------------------------- search */

static void add_outcome(struct set *set, const char *outcome)
{
    for (unsigned i = 0; i < set->count; i++)
        if (strcmp(set->outcome[i], outcome) == 0)
            return;
    if (set->count < OUTCOMES)
        snprintf(set->outcome[set->count++], OUTCOME_BYTES, "%s", outcome);
}

static void search_all(struct set *set, enum strategy strategy)
{
    struct search_limits limits = {.strategy = strategy, .preemptions = UINT32_MAX};
    set->count = 0;
    set->executions = 0;
    search_begin(&limits);
    do {
        execution_run();
        if (run.ending == ENDING_COMPLETE)
            add_outcome(set, run.outcome);
        else if (run.ending == ENDING_FAILED)
            add_outcome(set, run.message);
    } while (++set->executions < MOST_EXECUTIONS && search_next());
    set->cut_short = set->executions == MOST_EXECUTIONS;
}

static bool contains(const struct set *set, const char *outcome)
{
    for (unsigned i = 0; i < set->count; i++)
        if (strcmp(set->outcome[i], outcome) == 0)
            return true;
    return false;
}

static void print_program(void)
{
    static const char *const names[] = {"load",  "store", "add",  "swap_if", "fence", "locked",
                                        "tried", "sleep", "wake", "move",    "section", "grace", "await"};
    for (unsigned i = 0; i < threads; i++) {
        printf("  thread %u:", i + 1);
        for (unsigned j = 0; j < steps[i]; j++)
            printf(" %s(%c, %u, order %d)", names[program[i][j].instruction], "xy"[program[i][j].variable],
                   program[i][j].value, program[i][j].order);
        printf("\n");
    }
}

static bool agree(const struct set *all, const struct set *some, const char *who)
{
    bool same = true;
    for (unsigned i = 0; i < all->count; i++) {
        if (contains(some, all->outcome[i]))
            continue;
        printf("FAILED: only the %s search sees `%s`\n", who, all->outcome[i]);
        same = false;
    }
    return same;
}

int main(int count, char **arguments)
{
    unsigned programs = count > 1 ? (unsigned)strtoul(arguments[1], NULL, 10) : 3000;
    unsigned long executions[2] = {0, 0};
    unsigned compared = 0;
    static const struct im_model_harness harness = {.name = "reduction",
                                                    .init = init,
                                                    .check = check,
                                                    .steps = 200,
                                                    .spins = 4,
                                                    .stale_repeats = 100,
                                                    .threads = {run_thread, run_thread, run_thread}};
    static struct im_model_harness two;
    two = harness;
    two.threads[2] = NULL;
    random_state = count > 2 ? strtoul(arguments[2], NULL, 10) : 1;
    for (unsigned i = 0; i < programs; i++) {
        make_program();
        run.harness = threads == 2 ? &two : &harness;
        search_all(&naive, STRATEGY_NAIVE);
        search_all(&reduced, STRATEGY_DEPTH_FIRST);
        executions[0] += naive.executions;
        executions[1] += reduced.executions;
        compared += !naive.cut_short && !reduced.cut_short;
        if (naive.cut_short || reduced.cut_short)
            continue;
        if (!agree(&naive, &reduced, "naive") || !agree(&reduced, &naive, "reduced")) {
            print_program();
            return 1;
        }
    }
    printf("%u of %u programs searched whole: the outcomes agree; %lu executions without reduction, %lu with\n",
           compared, programs, executions[0], executions[1]);
    return compared == 0;
}
