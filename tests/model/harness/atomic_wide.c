/* SPDX-License-Identifier: MIT */
/*
 * im_atomic of more than a word: values in stripes (here those of 16 bytes, too), with a lock of their own, two that share
 * a stripe; and sleeping until a value changes, of a futex word and of others.
 *
 * A payload is two words that are always equal: a torn copy is one where they are not. What a writer did before it
 * stored `n` is in prepared[n], a plain array: a reader that sees n must find it; a missing order is a data race there.
 */
#include <string.h>

#include <im_model.h>

/* A reader soon holds writers off: more tries are more of the same. */
#define IM_SEQLOCK_TRIES 2
#include <intermut/atomic_wait.h>

struct im_atomic_table im_atomic_table;

struct pair {
    uint64_t a, b;
};
typedef im_atomic(struct pair) pair_cell;
typedef im_atomic_with_lock(struct pair) locked_cell;

enum { NUMBERS = 4, CELLS = 2048 };
static int prepared[NUMBERS];

/* Enough of them that some share a stripe, and some a wait queue. */
static pair_cell cells[CELLS];
static pair_cell *x, *y;
static locked_cell own;

static struct pair pair_of(uint64_t n) { return (struct pair){n, n}; }
static void prepare(uint64_t n) { prepared[n] = 1; }

static void check_pair(struct pair pair)
{
    im_model_check(pair.a == pair.b, "torn: %lu and %lu", (unsigned long)pair.a, (unsigned long)pair.b);
    im_model_check(prepared[pair.a] == 1, "%lu is not prepared", (unsigned long)pair.a);
}

static void reset_cell(const pair_cell *cell, const char *name)
{
    struct im_raw_seqlock *lock = im_unsafe_unconst(im_atomic_stripe_of(&cell->im_value));
    memset(lock, 0, sizeof *lock);
    memset(im_unsafe_cell_get(cell), 0, sizeof cell->im_value);
    im_model_name(&lock->count, sizeof lock->count, "sequence");
    im_model_name(&lock->waiting, sizeof lock->waiting, "held off");
    im_model_name(cell, sizeof *cell, name);
}

static void init_with(size_t other)
{
    x = &cells[0];
    y = &cells[other];
    reset_cell(x, "x");
    reset_cell(y, "y");
    memset(&own, 0, sizeof own);
    memset(prepared, 0, sizeof prepared);
    prepared[0] = 1;
}

static bool share_a_stripe(size_t other)
{
    return im_atomic_stripe_of(&cells[0].im_value) == im_atomic_stripe_of(&cells[other].im_value);
}

static void init(void)
{
    size_t other = 1;
    while (share_a_stripe(other))
        other++;
    init_with(other);
}

static void init_one_stripe(void)
{
    size_t other = 1;
    while (!share_a_stripe(other))
        other++;
    init_with(other);
}

/* ------------------------------------------------------------------------------------------------- one object */

static void store_1(void)
{
    prepare(1);
    im_atomic_store(x, pair_of(1));
}

static void store_2(void)
{
    prepare(2);
    im_atomic_store(x, pair_of(2));
}

static void store_both(void)
{
    store_1();
    store_2();
}

static void load(void) { check_pair(im_atomic_load(x)); }

static void swap_1(void)
{
    prepare(1);
    check_pair(im_atomic_swap(x, pair_of(1)));
}

static void swap_2(void)
{
    prepare(2);
    check_pair(im_atomic_swap(x, pair_of(2)));
}

static void add(void) { (void)im_atomic_fetch_update(x, p, (struct pair){p.a + 1, p.b + 1}); }

static int winners;

static void init_race(void)
{
    init();
    winners = 0;
}

static void compete(uint64_t mine)
{
    struct pair expected = pair_of(0);
    prepare(mine);
    if (im_atomic_compare_exchange_bytes(x, &expected, pair_of(mine)))
        im_sync_fetch_add(&winners, 1, memory_order_relaxed);
    else
        check_pair(expected);
}

static void compete_1(void) { compete(1); }
static void compete_2(void) { compete(2); }

static void at_rest(void)
{
    const struct im_raw_seqlock *lock = im_atomic_stripe_of(&x->im_value);
    im_model_check((lock->count.im_sequence & 1) == 0, "the sequence is left odd");
    im_model_check(lock->waiting == 0, "%u readers are left waiting", lock->waiting);
    im_model_check(x->im_value.a == x->im_value.b, "the value is torn");
}

static void is_two(void)
{
    at_rest();
    im_model_check(x->im_value.a == 2, "an update is lost: %lu", (unsigned long)x->im_value.a);
}

static void one_won(void)
{
    at_rest();
    im_model_check(winners == 1, "%d winners", winners);
}

IM_MODEL_HARNESS(wide_load, "a load is whole, also after it has held writers off", .init = init,
                 .threads = {store_both, load}, .check = at_rest)
IM_MODEL_HARNESS(wide_stores, "stores of two threads exclude each other", .init = init, .threads = {store_1, store_2},
                 .check = at_rest)
IM_MODEL_HARNESS(wide_swap, "who swaps has what the other did before", .init = init, .threads = {swap_1, swap_2},
                 .check = at_rest)
IM_MODEL_HARNESS(wide_update, "no update is lost", .init = init, .threads = {add, add}, .check = is_two)
IM_MODEL_HARNESS(wide_race, "of two that compare and exchange one wins, and the other sees its value", .init = init_race,
                 .threads = {compete_1, compete_2}, .check = one_won)
IM_MODEL_HARNESS(wide_fallback, "readers that hold writers off, and two writers, all come to an end", .init = init,
                 .threads = {store_1, store_2, load, load}, .check = at_rest, .search = IM_MODEL_BOUNDED,
                 .executions = 50000, .random = 20000)

/* ------------------------------------------------------------------------------------------------- two objects */

static void add_to_y(void) { (void)im_atomic_fetch_update(y, p, (struct pair){p.a + 1, p.b + 1}); }

static void both_are_one(void)
{
    at_rest();
    im_model_check(x->im_value.a == 1 && y->im_value.a == 1 && y->im_value.b == 1, "an update is lost");
}

IM_MODEL_HARNESS(wide_one_stripe, "two objects in one stripe do not disturb each other", .init = init_one_stripe,
                 .threads = {add, add_to_y}, .check = both_are_one)

static unsigned seen[2];

static void store_x_load_y(void)
{
    im_atomic_store_explicit(x, pair_of(1), memory_order_seq_cst);
    seen[0] = (unsigned)im_atomic_load_explicit(y, memory_order_seq_cst).a;
}

static void store_y_load_x(void)
{
    im_atomic_store_explicit(y, pair_of(1), memory_order_seq_cst);
    seen[1] = (unsigned)im_atomic_load_explicit(x, memory_order_seq_cst).a;
}

static void one_was_first(void) { im_model_check(seen[0] + seen[1] > 0, "both loads came before both stores"); }

IM_MODEL_HARNESS(wide_seq_cst, "seq_cst stores and loads have one order", .init = init,
                 .threads = {store_x_load_y, store_y_load_x}, .check = one_was_first)

/* ------------------------------------------------------------------------------------------------- its own lock */

static void own_store(void)
{
    prepare(1);
    im_atomic_store(&own, pair_of(1));
}

static void own_load(void) { check_pair(im_atomic_load(&own)); }

IM_MODEL_HARNESS(wide_own_lock, "the same with a lock of its own", .init = init, .threads = {own_store, own_load})

/* ------------------------------------------------------------------------------------------------- waiting */

typedef im_atomic(uint32_t) word_cell;
typedef im_atomic(uint64_t) long_cell; /* no futex word, and no fences around it */
static word_cell word;
static long_cell number;
static int data;

static void init_wait(void)
{
    init();
    memset(&word, 0, sizeof word);
    memset(&number, 0, sizeof number);
    memset(im_atomic_table.queue, 0, sizeof im_atomic_table.queue);
    im_model_name(&word, sizeof word, "word");
    im_model_name(im_atomic_table.queue, sizeof im_atomic_table.queue, "queue");
    data = 0;
}

/* Two objects in one queue, and in stripes of their own. */
static void init_one_queue(void)
{
    size_t other = 1;
    while (share_a_stripe(other) ||
           im__atomic_hash(&cells[0].im_value) >> 58 != im__atomic_hash(&cells[other].im_value) >> 58)
        other++;
    init_wait();
    init_with(other);
    prepare(1);
}

static void check_data(void) { im_model_check(data == 1, "data is %d", data); }

static void await_word(void)
{
    im_model_check(im_atomic_wait(&word, 0) == 1, "not changed");
    check_data();
}

static void change_word(void)
{
    data = 1;
    im_atomic_store(&word, 1);
    im_atomic_wake_one(&word);
}

static void change_word_for_all(void)
{
    data = 1;
    im_atomic_store(&word, 1);
    im_atomic_wake_all(&word);
}

static void await_number(void)
{
    im_model_check(im_atomic_wait(&number, 0) == 1, "not changed");
    check_data();
}

static void change_number(void)
{
    data = 1;
    im_atomic_store(&number, 1);
    im_atomic_wake_one(&number);
}

static void await_x(void) { check_pair(im_atomic_wait_while(x, p, p.a == 0)); }
static void await_y(void) { check_pair(im_atomic_wait_while(y, p, p.a == 0)); }

static void change_x(void)
{
    store_1();
    im_atomic_wake_one(x);
}

static void change_x_and_y(void)
{
    im_atomic_store(x, pair_of(1));
    im_atomic_wake_one(x);
    im_atomic_store(y, pair_of(1));
    im_atomic_wake_one(y);
}

static void await_until(void)
{
    int error = im_atomic_wait_until(&word, 1, 0);
    im_model_check(error == 0 || error == ETIMEDOUT, "%d", error);
    if (!error)
        check_data();
}

static void nobody_waits(void)
{
    for (size_t i = 0; i < IM_ATOMIC_WAIT_QUEUES; i++)
        im_model_check(im_atomic_table.queue[i].waiting == 0, "somebody is left waiting");
}

IM_MODEL_HARNESS(wait_word, "no wake-up of a futex word is lost", .init = init_wait,
                 .threads = {await_word, change_word}, .check = nobody_waits)
IM_MODEL_HARNESS(wait_word_all, "and so for two who wait", .init = init_wait,
                 .threads = {await_word, await_word, change_word_for_all}, .check = nobody_waits)
IM_MODEL_HARNESS(wait_number, "no wake-up of a word that is no futex is lost", .init = init_wait,
                 .threads = {await_number, change_number}, .check = nobody_waits)
IM_MODEL_HARNESS(wait_wide, "no wake-up of another value is lost", .init = init_wait, .threads = {await_x, change_x},
                 .check = nobody_waits)
IM_MODEL_HARNESS(wait_one_queue, "who waits for one of two objects in a queue is woken for it", .init = init_one_queue,
                 .threads = {await_x, await_y, change_x_and_y}, .check = nobody_waits, .search = IM_MODEL_BOUNDED,
                 .executions = 50000, .random = 20000)
IM_MODEL_HARNESS(wait_deadline, "a deadline ends a wait, and nothing else does without a change", .init = init_wait,
                 .threads = {await_until, change_word}, .check = nobody_waits)
