/* SPDX-License-Identifier: MIT */
/*
 * once: two and three initialisers, one that fails or is left early, waiters against the end of an initialiser, circles,
 * the race, and the last borrow of a mut_once against the first reference.
 *
 * A value is a number; what its initialiser did before is in plain variables, so that a missing order is a data race.
 */
#include <string.h>

#include <im_model.h>

#include <intermut/mut_once.h>
#include <intermut/once.h>
#include <intermut/once_race.h>
/* Searched as if every look before sleeping were in vain. */
#define IM_ONCE_LOOKS 0
/* Found by the include path, so that mutants are, too. */
#include <once.c>

/* Only reports ask. */
bool im_checked_is_foreign(const void *object)
{
    (void)object;
    return false;
}

typedef im_once(int) int_once;

enum { FAILED = 5 };

static int_once cell, second;
static int runs;     /* of initialisers: they exclude each other, so a plain variable does */
static int failures; /* how many are still to fail */
static int results[4];

static void init(void)
{
    memset(&cell, 0, sizeof cell);
    memset(&second, 0, sizeof second);
    memset(results, 0, sizeof results);
    runs = failures = 0;
    im_model_name(&cell.im_raw.state, sizeof cell.im_raw.state, "state");
    im_model_name(&second.im_raw.state, sizeof second.im_raw.state, "second state");
    im_model_name(&cell.im_value, sizeof cell.im_value, "value");
}

static void init_with_a_failure(void)
{
    init();
    failures = 1;
}

static void init_poisoning(void)
{
    init();
    cell.im_raw.state = IM_ONCE_POISONS;
}

static int make(int *out, void *unused)
{
    (void)unused;
    runs++;
    if (failures > 0) {
        failures--;
        return FAILED;
    }
    *out = 7;
    return 0;
}

static void get(void)
{
    const int *value = im_once_get_or_init(&cell, make, NULL);
    im_model_check(value || failures == 0, "an error that nobody made");
    im_model_check(!value || *value == 7, "the value is %d", value ? *value : 0);
    results[im_model_thread()] = value ? 1 : FAILED;
}

static void look(void)
{
    const int *value = im_once_get(&cell);
    im_model_check(!value || *value == 7, "the value is %d", value ? *value : 0);
}

static void made_once(void)
{
    im_model_check(runs == 1, "made %d times", runs);
    im_model_check(cell.im_raw.state == IM_ONCE_FULL, "the state is %x", cell.im_raw.state);
}

static void failed_once(void)
{
    int failed = 0;
    for (int i = 1; i < 4; i++)
        failed += results[i] == FAILED;
    im_model_check(failed == 1, "%d have the error", failed);
    im_model_check(runs == 2, "made %d times", runs);
    im_model_check(cell.im_raw.state == IM_ONCE_FULL, "the state is %x", cell.im_raw.state);
}

IM_MODEL_HARNESS(once_two, "of two, one makes the value, and both have it", .init = init, .threads = {get, get},
                 .check = made_once)
IM_MODEL_HARNESS(once_three, "of three, one makes the value, and all have it", .init = init,
                 .threads = {get, get, get}, .check = made_once, .search = IM_MODEL_RANDOM)
IM_MODEL_HARNESS(once_look, "who looks sees nothing, or the whole value", .init = init, .threads = {get, look, look},
                 .check = made_once)
IM_MODEL_HARNESS(once_two_one_fails, "an error reaches one, and the other one tries, after it",
                 .init = init_with_a_failure, .threads = {get, get}, .check = failed_once)
IM_MODEL_HARNESS(once_three_one_fails, "an error reaches one, and another one tries; nobody sleeps on",
                 .init = init_with_a_failure, .threads = {get, get, get}, .check = failed_once,
                 .search = IM_MODEL_RANDOM)

/* ---- Blocks that are left, set, and waiters ---- */

static void leave_early(void)
{
    im_once_try_init(v, &cell)
    {
        runs++;
        *v = 99;
        break;
    }
}

static void set(void)
{
    int back = 0;
    int error = im_once_set(&cell, &back, 7);
    im_model_check(error == 0 ? back == 0 : back == 7, "the value is not given back");
}

static void wait_for_value(void) { im_model_check(*im_once_wait(&cell) == 7, "the value is not whole"); }

static void wait_for(void)
{
    const int *value = NULL;
    int error = im_once_wait_for(&cell, 1000, &value);
    im_model_check(error == ETIMEDOUT ? !value : error == 0 && *value == 7, "ends with %d", error);
}

static void wait_for_the_poisoned(void)
{
    const int *value = NULL;
    int error = im_once_wait_until(&cell, UINT64_MAX, &value);
    im_model_check(error == ENOTRECOVERABLE && !value, "ends with %d", error);
}

static void is_full(void) { im_model_check(cell.im_raw.state == IM_ONCE_FULL, "the state is %x", cell.im_raw.state); }

static void is_poisoned(void)
{
    im_model_check(cell.im_raw.state == (IM_ONCE_POISONS | IM_ONCE_POISONED), "the state is %x", cell.im_raw.state);
}

IM_MODEL_HARNESS(once_wait, "a waiter wakes up and has the value", .init = init, .threads = {set, wait_for_value},
                 .check = is_full)
IM_MODEL_HARNESS(once_wait_two, "all waiters wake up", .init = init, .threads = {set, wait_for_value, wait_for_value}, .check = is_full,
                 .search = IM_MODEL_RANDOM)
IM_MODEL_HARNESS(once_wait_failure, "a waiter outlasts an initialiser that is left", .init = init,
                 .threads = {leave_early, wait_for_value, get}, .search = IM_MODEL_RANDOM,
                 .check = is_full)
IM_MODEL_HARNESS(once_wait_for, "a timed waiter has the value or its time", .init = init, .threads = {set, wait_for},
                 .check = is_full)
IM_MODEL_HARNESS(once_poison, "who waits learns of the poison", .init = init_poisoning,
                 .threads = {leave_early, wait_for_the_poisoned}, .check = is_poisoned)
IM_MODEL_HARNESS(once_set_two, "of two values, one gets in, the other comes back", .init = init,
                 .threads = {set, set, look}, .check = is_full)

/* ---- A circle ---- */

/* An initialiser that needs the other cell, given as `other`; the inner one needs nothing. */
static int make_plainly(int *out, void *unused)
{
    (void)unused;
    *out = 7;
    return 0;
}

static int make_by_another(int *out, void *other)
{
    const int *value;
    int error = im_once_get_or_try_init((const int_once *)other, make_plainly, NULL, &value);
    if (error == 0)
        *out = *value;
    return error;
}

static void get_first(void)
{
    const int *value;
    results[1] = im_once_get_or_try_init(&cell, make_by_another, &second, &value);
}

static void get_second(void)
{
    const int *value;
    results[2] = im_once_get_or_try_init(&second, make_by_another, &cell, &value);
}

static void one_was_told(void)
{
    im_model_check(results[1] == 0 || cell.im_value == 7, "the other one has not gone on");
    im_model_outcome("%d %d", results[1] == EDEADLK, results[2] == EDEADLK);
}

IM_MODEL_HARNESS(once_circle, "of two that need each other one is told, and the other one goes on", .init = init,
                 .threads = {get_first, get_second}, .check = one_was_told, .outcomes = "0 0|0 1|1 0")

/* ---- The race ---- */

struct number {
    int n;
};

static im_once_race(struct number *) race;
static struct number numbers[3]; /* plain: each thread writes its own before it competes */
static struct number *winners[3];

static void race_init(void)
{
    memset(&race, 0, sizeof race);
    memset(numbers, 0, sizeof numbers);
    memset(winners, 0, sizeof winners);
}

static int number_of_thread(struct number **out, void *unused)
{
    (void)unused;
    *out = &numbers[im_model_thread()];
    (*out)->n = 7;
    return 0;
}

static void drop_loser(struct number *loser)
{
    im_model_check(loser == &numbers[im_model_thread()], "the winner is dropped");
    loser->n = 0;
}

static void compete(void)
{
    struct number *winner = im_once_race_get_or_init(&race, number_of_thread, NULL, drop_loser);
    im_model_check(winner->n == 7, "the winner is not whole");
    winners[im_model_thread()] = winner;
}

static void look_at_race(void)
{
    const struct number *winner = im_once_race_get(&race);
    im_model_check(!winner || winner->n == 7, "the winner is not whole");
}

static void one_has_won(void) { im_model_check(winners[1] == winners[2] && winners[1], "two have won"); }

IM_MODEL_HARNESS(race_two, "both have the winner's value", .init = race_init, .threads = {compete, compete},
                 .check = one_has_won)
IM_MODEL_HARNESS(race_look, "who looks sees nothing, or the whole value", .init = race_init,
                 .threads = {compete, look_at_race})

/* ---- mut_once ---- */

struct pair {
    int a, b;
};

static im_sync_mut_once(struct pair) open_pair;

static void mut_init(void)
{
    memset(&open_pair, 0, sizeof open_pair);
    im_model_name(&open_pair.im_raw.state, sizeof open_pair.im_raw.state, "state");
    im_model_name(&open_pair.im_value, sizeof open_pair.im_value, "value");
}

static void change(void)
{
    im_mut_once_try_with_mut(p, &open_pair)
    {
        p->a++;
        p->b++;
    }
}

static void refer(void)
{
    const struct pair *pair = im_mut_once_get(&open_pair);
    int a = pair->a;
    im_model_check(a == pair->b, "half changed");
    im_mut_once_try_with_mut(p, &open_pair)
        im_model_fail("%d: borrowed after a reference", p->a);
    im_model_check(a == pair->a, "changed after a reference");
}

static void at_rest(void)
{
    im_model_check((open_pair.im_raw.state & ~(unsigned)IM_ONCE_FULL) == 0, "the state is %x", open_pair.im_raw.state);
    im_model_check(open_pair.im_value.a == open_pair.im_value.b, "half changed");
}

IM_MODEL_HARNESS(mut_once, "the last borrow ends before the first reference", .init = mut_init,
                 .threads = {change, refer}, .check = at_rest)
IM_MODEL_HARNESS(mut_once_two_borrows, "borrows exclude each other and the reference", .init = mut_init,
                 .threads = {change, change, refer}, .check = at_rest, .search = IM_MODEL_RANDOM)
IM_MODEL_HARNESS(mut_once_two_references, "two first references agree", .init = mut_init,
                 .threads = {refer, refer, change}, .check = at_rest, .search = IM_MODEL_RANDOM)
