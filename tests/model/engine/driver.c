/* SPDX-License-Identifier: MIT */
/*
 * main() of every model test: searches the executions of each registered harness and says what it found.
 */
#include "engine.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HARNESSES = 128, OUTCOMES = 256, OUTCOME_BYTES = 128 };

struct options {
    const char *harness, *replay;
    bool list, naive, deep, verbose, failures_expected;
    unsigned long random;
    unsigned long seed;
    unsigned long seconds;
    long preemptions;
};

struct tally {
    unsigned long complete, pruned, incomplete;
    bool exhausted, failed;
    char why_incomplete[256];
    double seconds;
};

static const struct im_model_harness *harnesses[HARNESSES];
static unsigned harness_count;
static char outcomes[OUTCOMES][OUTCOME_BYTES];
static unsigned long outcome_times[OUTCOMES];
static unsigned outcome_count;
static const char *program;

void im_model_register(const struct im_model_harness *harness)
{
    if (harness_count == HARNESSES)
        abort();
    harnesses[harness_count++] = harness;
}

/* ------------------------------------------------------------------------------------------------------ outcomes */

static void count_outcome(void)
{
    unsigned i = 0;
    while (i < outcome_count && strcmp(outcomes[i], run.outcome) != 0)
        i++;
    if (i == OUTCOMES)
        return;
    if (i == outcome_count) {
        memcpy(outcomes[i], run.outcome, OUTCOME_BYTES);
        outcome_times[i] = 0;
        outcome_count++;
    }
    outcome_times[i]++;
}

static bool was_seen(const char *outcome, size_t bytes)
{
    for (unsigned i = 0; i < outcome_count; i++)
        if (strlen(outcomes[i]) == bytes && memcmp(outcomes[i], outcome, bytes) == 0)
            return true;
    return false;
}

static bool is_listed(const char *list, const char *outcome)
{
    size_t bytes = strlen(outcome);
    for (const char *at = list; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (strcspn(at, "|") == bytes && memcmp(at, outcome, bytes) == 0)
            return true;
    return false;
}

/** Exactly the outcomes that C11 allows: each of them, and no other. */
static bool outcomes_are_right(const char *list)
{
    bool right = true;
    for (const char *at = list; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        size_t bytes = strcspn(at, "|");
        if (was_seen(at, bytes))
            continue;
        printf("  FAILED: the allowed outcome `%.*s` was not seen\n", (int)bytes, at);
        right = false;
    }
    for (unsigned i = 0; i < outcome_count; i++) {
        if (is_listed(list, outcomes[i]))
            continue;
        printf("  FAILED: the forbidden outcome `%s` was seen\n", outcomes[i]);
        right = false;
    }
    return right;
}

static void print_outcomes(void)
{
    for (unsigned i = 0; i < outcome_count; i++)
        printf("  %12lu times %s\n", outcome_times[i], outcomes[i]);
}

/* ------------------------------------------------------------------------------------------------------- search */

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void count_execution(struct tally *tally)
{
    switch (run.ending) {
    case ENDING_COMPLETE:
        tally->complete++;
        if (run.outcome[0])
            count_outcome();
        break;
    case ENDING_PRUNED:
        tally->pruned++;
        break;
    case ENDING_INCOMPLETE:
        tally->incomplete++;
        memcpy(tally->why_incomplete, run.message, sizeof tally->why_incomplete - 1);
        break;
    default:
        tally->failed = true;
        break;
    }
}

static struct tally search(const struct search_limits *limits, unsigned long executions, double seconds)
{
    struct tally tally = {0};
    double start = now_seconds();
    bool more = true;
    search_begin(limits);
    for (unsigned long i = 0; more && !tally.failed && i < executions; i++) {
        execution_run();
        count_execution(&tally);
        more = !tally.failed && search_next();
        if ((i & 1023) == 1023 && now_seconds() - start > seconds)
            break;
    }
    tally.exhausted = !more && !tally.failed;
    tally.seconds = now_seconds() - start;
    return tally;
}

static void print_tally(const struct tally *tally, const char *how)
{
    unsigned long all = tally->complete + tally->pruned + tally->incomplete;
    printf("  %s: %lu complete executions, %lu pruned, %lu incomplete%s%s%s, %.2f s (%.0f k/s)\n", how, tally->complete,
           tally->pruned, tally->incomplete, tally->incomplete ? " (" : "", tally->why_incomplete,
           tally->incomplete ? ")" : "", tally->seconds, (double)all / (tally->seconds + 1e-9) / 1e3);
}

static bool names_one_of(const char *message, const char *list)
{
    char words[OUTCOME_BYTES];
    for (const char *at = list; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL) {
        snprintf(words, sizeof words, "%.*s", (int)strcspn(at, "|"), at);
        if (strstr(message, words))
            return true;
    }
    return false;
}

/** Whether a search ended as the harness says it should; prints why not. */
static bool judge(const struct options *options, const struct im_model_harness *harness, const struct tally *tally)
{
    if (tally->failed) {
        bool found = harness->finds && names_one_of(run.message, harness->finds);
        if (found)
            printf("  found, as it should be: %s\n", run.message);
        if (!found || options->verbose)
            report_failure(stdout, program);
        return found;
    }
    if (tally->complete == 0) {
        printf("  FAILED: no execution was complete\n");
        return false;
    }
    return true;
}

static bool judge_whole(const struct im_model_harness *harness, bool exhausted, bool found)
{
    if (harness->finds && !found) {
        printf("  FAILED: should have been found: %s\n", harness->finds);
        return false;
    }
    if (harness->search == IM_MODEL_EXHAUSTIVE && !exhausted && !found) {
        printf("  FAILED: the search was cut short\n");
        return false;
    }
    return !harness->outcomes || found || outcomes_are_right(harness->outcomes);
}

static bool replay(const struct options *options)
{
    struct search_limits limits = {.strategy = STRATEGY_REPLAY, .preemptions = UINT32_MAX, .schedule = options->replay};
    struct tally tally = search(&limits, 1, 1e9);
    if (run.ending == ENDING_FAILED)
        report_failure(stdout, program);
    else
        print_tally(&tally, "replay");
    return !tally.failed;
}

static bool search_depth_first(const struct options *options, const struct im_model_harness *harness,
                               struct tally *tally)
{
    bool bounded = harness->search == IM_MODEL_BOUNDED && !options->deep;
    struct search_limits limits = {.strategy = options->naive ? STRATEGY_NAIVE : STRATEGY_DEPTH_FIRST,
                                   .preemptions = bounded ? harness->preemptions : UINT32_MAX};
    if (options->preemptions >= 0)
        limits.preemptions = (unsigned)options->preemptions;
    char how[64] = "exhaustive";
    *tally = search(&limits, options->deep ? ULONG_MAX : harness->executions, (double)options->seconds);
    const char *end = tally->exhausted ? "" : ", cut short";
    if (limits.preemptions != UINT32_MAX)
        snprintf(how, sizeof how, "up to %u preemptions%s", limits.preemptions, end);
    else if (!tally->exhausted)
        snprintf(how, sizeof how, "depth first%s", end);
    print_tally(tally, tally->failed ? "until found" : how);
    return judge(options, harness, tally);
}

static bool search_random(const struct options *options, const struct im_model_harness *harness, struct tally *tally,
                          unsigned long executions)
{
    struct search_limits limits = {.strategy = STRATEGY_RANDOM, .preemptions = UINT32_MAX, .seed = options->seed};
    char how[64];
    *tally = search(&limits, executions, (double)options->seconds);
    snprintf(how, sizeof how, "random, seed %lu", options->seed);
    print_tally(tally, how);
    return judge(options, harness, tally);
}

static struct im_model_harness with_defaults(const struct im_model_harness *harness)
{
    struct im_model_harness full = *harness;
    full.preemptions = full.preemptions ? full.preemptions : 2;
    full.executions = full.executions ? full.executions : 20000000;
    full.random = full.random ? full.random : 20000;
    full.steps = full.steps ? full.steps : 400;
    full.spins = full.spins ? full.spins : 4;
    full.stale_repeats = full.stale_repeats ? full.stale_repeats : 2;
    return full;
}

/* At random first: a depth-first search of a broken program may lose itself in a loop that never ends. */
static const unsigned long first_look = 1000;

static bool run_harness(const struct options *options, const struct im_model_harness *registered)
{
    const struct im_model_harness harness = with_defaults(registered);
    struct tally deep = {0}, random = {0};
    bool good = true;
    run.harness = &harness;
    outcome_count = 0;
    printf("%s: %s\n", harness.name, harness.property);
    if (options->replay)
        return replay(options);
    if (options->random)
        good = search_random(options, &harness, &random, options->random);
    else if (harness.search == IM_MODEL_EXHAUSTIVE)
        good = search_random(options, &harness, &random, first_look);
    else
        good = search_random(options, &harness, &random, harness.random * (options->deep ? 200 : 1));
    if (good && !random.failed && harness.search != IM_MODEL_RANDOM && !options->random)
        good = search_depth_first(options, &harness, &deep);
    if (options->verbose)
        print_outcomes();
    good = good && judge_whole(&harness, deep.exhausted || options->random, deep.failed || random.failed);
    fflush(stdout);
    return good;
}

/* ---------------------------------------------------------------------------------------------------------- main */

static void usage(void)
{
    printf("usage: %s [options]\n"
           "  --list               the harnesses and their properties\n"
           "  --harness=NAME       only this one\n"
           "  --replay=SCHEDULE    the one execution that a failure printed\n"
           "  --random=N --seed=S  N executions at random\n"
           "  --preemptions=N      depth first with this bound\n"
           "  --naive              depth first without reduction\n"
           "  --seconds=N          at most, for each search\n"
           "  --deep               no bounds but the time, many more at random\n"
           "  --verbose            outcomes, and the table of failures that are expected\n",
           program);
}

static bool parse(int count, char **arguments, struct options *options)
{
    static const struct option names[] = {
        {"list", no_argument, NULL, 'l'},
        {"harness", required_argument, NULL, 'h'},
        {"replay", required_argument, NULL, 'r'},
        {"random", required_argument, NULL, 'n'},
        {"seed", required_argument, NULL, 's'},
        {"preemptions", required_argument, NULL, 'p'},
        {"naive", no_argument, NULL, 'a'},
        {"seconds", required_argument, NULL, 't'},
        {"deep", no_argument, NULL, 'd'},
        {"verbose", no_argument, NULL, 'v'},
        {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(count, arguments, "", names, NULL)) != -1;) {
        switch (option) {
        case 'l':
            options->list = true;
            break;
        case 'h':
            options->harness = optarg;
            break;
        case 'r':
            options->replay = optarg;
            break;
        case 'n':
            options->random = strtoul(optarg, NULL, 10);
            break;
        case 's':
            options->seed = strtoul(optarg, NULL, 10);
            break;
        case 'p':
            options->preemptions = strtol(optarg, NULL, 10);
            break;
        case 'a':
            options->naive = true;
            break;
        case 't':
            options->seconds = strtoul(optarg, NULL, 10);
            break;
        case 'd':
            options->deep = true;
            break;
        case 'v':
            options->verbose = true;
            break;
        default:
            return false;
        }
    }
    return optind == count;
}

int main(int count, char **arguments)
{
    struct options options = {.seed = 1, .seconds = 1000000000, .preemptions = -1};
    unsigned ran = 0, failed = 0;
    program = arguments[0];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!parse(count, arguments, &options)) {
        usage();
        return 2;
    }
    for (unsigned i = 0; i < harness_count; i++) {
        if (options.harness && strcmp(options.harness, harnesses[i]->name) != 0)
            continue;
        ran++;
        if (options.list)
            printf("%-32s %s\n", harnesses[i]->name, harnesses[i]->property);
        else
            failed += !run_harness(&options, harnesses[i]);
    }
    if (!options.list)
        printf("%u harnesses, %u failed\n", ran, failed);
    return failed || !ran;
}
