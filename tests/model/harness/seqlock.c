/* SPDX-License-Identifier: MIT */
/*
 * seqlock: the counter, values with one writer and with many, a reader that holds writers off, latch, spin lock.
 *
 * A payload is two words that are always equal: a torn copy is one where they are not. What a writer did before it
 * stored `n` is in prepared[n], a plain array: a reader that sees n must find it; a missing order is a data race there.
 * seqlock_rmw.c runs the same with read-modify-writes in place of fences.
 */
#include <string.h>

#include <im_model.h>

/* A reader soon holds writers off: more tries are more of the same. */
#define IM_SEQLOCK_TRIES 2
#include <intermut/latch.h>
#include <intermut/seqlock.h>
#include <intermut/spin.h>

struct pair {
    uint64_t a, b;
};

enum { NUMBERS = 4 };
static int prepared[NUMBERS];

static void reset(void *object, size_t bytes)
{
    memset(object, 0, bytes);
    memset(prepared, 0, sizeof prepared);
    prepared[0] = 1;
}

static void prepare(uint64_t n) { prepared[n] = 1; }

static void check_pair(struct pair pair)
{
    im_model_check(pair.a == pair.b, "torn: %lu and %lu", (unsigned long)pair.a, (unsigned long)pair.b);
    im_model_check(prepared[pair.a] == 1, "%lu is not prepared", (unsigned long)pair.a);
}

static struct pair pair_of(uint64_t n) { return (struct pair){n, n}; }

/* ------------------------------------------------------------------------------------------------- the raw counter */

static struct {
    struct im_seqcount count;
    struct pair data[2] __attribute__((aligned(16)));
} raw;

static void raw_init(void)
{
    reset(&raw, sizeof raw);
    im_model_name(&raw.count, sizeof raw.count, "sequence");
    im_model_name(raw.data, sizeof raw.data, "data");
}

static void raw_write_number(uint64_t n)
{
    const struct pair pair = pair_of(n);
    prepare(n);
    uint64_t write = im_seqcount_write_begin(&raw.count);
    im_racy_store(raw.data, &pair, sizeof pair);
    im_seqcount_write_end(&raw.count, write);
}

static void raw_write(void) { raw_write_number(1); }

static void raw_write_twice(void)
{
    raw_write_number(1);
    raw_write_number(2);
}

static void raw_give_up(void)
{
    raw_write_number(1);
    im_seqcount_write_abort(&raw.count, im_seqcount_write_begin(&raw.count));
}

static void raw_give_up_between(void)
{
    raw_give_up();
    raw_write_number(2);
}

static void raw_read(void)
{
    struct pair pair;
    uint64_t read = im_seqcount_read_begin(&raw.count);
    im_racy_load(&pair, raw.data, sizeof pair);
    if (!im_seqcount_read_retry(&raw.count, read))
        check_pair(pair);
}

static void raw_is_even(void) { im_model_check((raw.count.im_sequence & 1) == 0, "the sequence is left odd"); }

IM_MODEL_HARNESS(seqcount, "a copy that need not be retried is whole", .init = raw_init,
                 .threads = {raw_write_twice, raw_read}, .check = raw_is_even)
IM_MODEL_HARNESS(seqcount_readers, "and so for two readers", .init = raw_init,
                 .threads = {raw_write, raw_read, raw_read}, .check = raw_is_even)
IM_MODEL_HARNESS(seqcount_abort, "a write that is given up leaves the value of the write before for all who read",
                 .init = raw_init, .threads = {raw_give_up, raw_read}, .check = raw_is_even)
IM_MODEL_HARNESS(seqcount_abort_between, "and a write after it is seen whole", .init = raw_init,
                 .threads = {raw_give_up_between, raw_read}, .check = raw_is_even)

static void raw_begins_odd(void)
{
    raw_init();
    raw.count.im_sequence = UINT64_MAX - 1;
}

IM_MODEL_HARNESS(seqcount_end, "the sequence may go over its end", .init = raw_begins_odd,
                 .threads = {raw_write_twice, raw_read}, .check = raw_is_even)

/* ------------------------------------------------------------------------------------------------- many writers */

typedef im_seqlock(struct pair) pair_seqlock;
static pair_seqlock many;

static void many_init(void)
{
    reset(&many, sizeof many);
    im_model_name(&many.im_lock.count, sizeof many.im_lock.count, "sequence");
    im_model_name(&many.im_lock.waiting, sizeof many.im_lock.waiting, "waiting");
    im_model_name(&many.im_value, sizeof many.im_value, "value");
}

static void many_store_1(void)
{
    prepare(1);
    im_seqlock_store(&many, pair_of(1));
}

static void many_store_2(void)
{
    prepare(2);
    im_seqlock_store(&many, pair_of(2));
}

static void many_store_both(void)
{
    many_store_1();
    many_store_2();
}

static void many_try(void)
{
    struct pair pair = {7, 8};
    if (im_seqlock_try_load(&many, &pair))
        check_pair(pair);
    else
        im_model_check(pair.a == 7 && pair.b == 8, "a try in vain has written");
}

static void many_load(void) { check_pair(im_seqlock_load(&many)); }

static void many_add(void)
{
    struct pair pair = im_seqlock_update(&many, p, ((struct pair){p.a + 1, p.b + 1}));
    im_model_check(pair.a == pair.b, "torn under the writer");
}

static void many_add_by_block(void)
{
    im_seqlock_with(p, &many)
    {
        p->a++;
        p->b++;
    }
}

static void many_give_up(void)
{
    im_seqlock_with(p, &many)
    {
        p->a = 3;
        break;
    }
}

static void many_swap(void)
{
    prepare(1);
    check_pair(im_seqlock_swap(&many, pair_of(1)));
}

static void many_swap_2(void)
{
    prepare(2);
    check_pair(im_seqlock_swap(&many, pair_of(2)));
}

static void many_at_rest(void)
{
    im_model_check((many.im_lock.count.im_sequence & 1) == 0, "the sequence is left odd");
    im_model_check(many.im_lock.waiting == 0, "%u readers are left waiting", many.im_lock.waiting);
    im_model_check(many.im_value.a == many.im_value.b, "the value is torn");
}

static void many_are_two(void)
{
    many_at_rest();
    im_model_check(many.im_value.a == 2, "an update is lost: %lu", (unsigned long)many.im_value.a);
}

IM_MODEL_HARNESS(seqlock_try, "a try of a load that succeeds is whole, and one in vain writes nothing",
                 .init = many_init, .threads = {many_store_both, many_try}, .check = many_at_rest)
IM_MODEL_HARNESS(seqlock_two_stores, "stores exclude each other", .init = many_init,
                 .threads = {many_store_1, many_store_2, many_try}, .check = many_at_rest)
IM_MODEL_HARNESS(seqlock_update, "no update is lost", .init = many_init, .threads = {many_add, many_add_by_block},
                 .check = many_are_two)
IM_MODEL_HARNESS(seqlock_swap, "who swaps has what the other did before", .init = many_init,
                 .threads = {many_swap, many_swap_2}, .check = many_at_rest)
IM_MODEL_HARNESS(seqlock_give_up, "an update that is left changes nothing", .init = many_init,
                 .threads = {many_give_up, many_store_1, many_try}, .check = many_at_rest)
IM_MODEL_HARNESS(seqlock_load, "a load is whole, also after it has held writers off, and lets them go",
                 .init = many_init, .threads = {many_store_both, many_load}, .check = many_at_rest)
IM_MODEL_HARNESS(seqlock_fallback, "two readers that hold writers off, and two writers, all come to an end",
                 .init = many_init, .threads = {many_store_1, many_store_2, many_load, many_load},
                 .check = many_at_rest, .search = IM_MODEL_BOUNDED, .executions = 200000, .random = 50000)

/* ------------------------------------------------------------------------------------------------- one writer */

typedef im_single_seqlock(struct pair) pair_single;
static pair_single single;

static void single_init(void)
{
    reset(&single, sizeof single);
    im_model_name(&single.im_lock.count, sizeof single.im_lock.count, "sequence");
    im_model_name(&single.im_value, sizeof single.im_value, "value");
}

static void single_store_both(void)
{
    prepare(1);
    im_seqlock_store(&single, pair_of(1));
    prepare(2);
    im_seqlock_update(&single, p, pair_of(p.a + 1));
}

static void single_load(void) { check_pair(im_seqlock_load(&single)); }

IM_MODEL_HARNESS(seqlock_single, "the same with one writer that takes no lock", .init = single_init,
                 .threads = {single_store_both, single_load})

/* ------------------------------------------------------------------------------------------------- the latch */

typedef im_latch(struct pair) pair_latch;
static pair_latch latch;

static void latch_init(void)
{
    reset(&latch, sizeof latch);
    im_model_name(&latch.im_count, sizeof latch.im_count, "sequence");
    im_model_name(&latch.im_value, sizeof latch.im_value, "first");
    im_model_name(&latch.im_other, sizeof latch.im_other, "second");
}

static void latch_store(void)
{
    prepare(1);
    im_latch_store(&latch, pair_of(1));
}

static void latch_store_both(void)
{
    latch_store();
    prepare(2);
    im_latch_store(&latch, pair_of(2));
}

/* One try: more are the same again, and their number has no bound. */
static void latch_try(void)
{
    struct pair pair;
    uint64_t read = im_seqcount_latch_read_begin(&latch.im_count);
    im_racy_load(&pair, im_seqcount_latch_index(read) ? &latch.im_other : &latch.im_value, sizeof pair);
    if (!im_seqcount_latch_read_retry(&latch.im_count, read))
        check_pair(pair);
}

static void latch_load(void) { check_pair(im_latch_load(&latch)); }

IM_MODEL_HARNESS(latch, "a load from a latch is whole", .init = latch_init, .threads = {latch_store, latch_load})
IM_MODEL_HARNESS(latch_again, "and so while the writer comes round again", .init = latch_init,
                 .threads = {latch_store_both, latch_try})

/* ------------------------------------------------------------------------------------------------- the spin lock */

typedef im_spin(struct pair) pair_spin;
static pair_spin spin;

static void spin_init(void)
{
    reset(&spin, sizeof spin);
    im_model_name(&spin.im_lock, sizeof spin.im_lock, "held");
    im_model_name(&spin.im_value, sizeof spin.im_value, "value");
}

static void spin_add(void) { im_spin_update(&spin, p, ((struct pair){p.a + 1, p.b + 1})); }

static void spin_swap(void)
{
    prepare(1);
    check_pair(im_spin_swap(&spin, pair_of(1)));
}

static void spin_store(void)
{
    prepare(2);
    im_spin_store(&spin, pair_of(2));
}

static void spin_load(void) { check_pair(im_spin_load(&spin)); }

static void spin_is_two(void)
{
    im_model_check(spin.im_value.a == 2 && spin.im_value.b == 2, "an update is lost: %lu",
                   (unsigned long)spin.im_value.a);
    im_model_check(spin.im_lock.held == 0, "the lock is left held");
}

IM_MODEL_HARNESS(spin_update, "no update under a spin lock is lost", .init = spin_init, .threads = {spin_add, spin_add},
                 .check = spin_is_two)
IM_MODEL_HARNESS(spin_swap, "who swaps has what the other did before", .init = spin_init,
                 .threads = {spin_swap, spin_store, spin_load}, .spins = 8)
