/* SPDX-License-Identifier: MIT */
/*
 * base: the racy copy under a sequence counter, the panic handler, backoff, the word lock.
 */
#include <setjmp.h>
#include <string.h>

#include <im_model.h>

/* The engine has its own im_panic(); this is the library's. Found by the include path, so that mutants are, too. */
#define im_panic tested_panic
#define im_panic_with tested_panic_with
#define im_panic_set_handler tested_set_handler
#include <panic.c>
#undef im_panic
#undef im_panic_with
#undef im_panic_set_handler

#include <intermut/backoff.h>
#include <intermut/racy_copy.h>
#include <intermut/word_lock.h>

/* ---------------------------------------------------------------------------------------------------- racy copy */

/* 22 bytes from an odd place: words of 1, 2, 4, 8, 4, 2 and 1 bytes. */
enum { COPIED = 22 };

static struct {
    uint64_t sequence;
    char before;
    unsigned char bytes[COPIED];
    char behind;
} shared __attribute__((aligned(16)));

static void shared_init(void)
{
    memset(&shared, 0, sizeof shared);
    im_model_name(&shared.sequence, sizeof shared.sequence, "sequence");
    im_model_name(shared.bytes, sizeof shared.bytes, "bytes");
}

static void write_all(void)
{
    unsigned char bytes[COPIED];
    memset(bytes, 1, sizeof bytes);
    im_sync_store(&shared.sequence, 1, memory_order_relaxed);
    im_sync_fence(memory_order_release);
    im_racy_store(shared.bytes, bytes, sizeof bytes);
    im_sync_store(&shared.sequence, 2, memory_order_release);
}

static void read_all(void)
{
    unsigned char bytes[COPIED];
    uint64_t sequence = im_sync_load(&shared.sequence, memory_order_acquire);
    im_racy_load(bytes, shared.bytes, sizeof bytes);
    im_sync_fence(memory_order_acquire);
    if ((sequence & 1) || im_sync_load(&shared.sequence, memory_order_relaxed) != sequence)
        return;
    for (unsigned i = 0; i < COPIED; i++)
        im_model_check(bytes[i] == bytes[0], "torn at byte %u", i);
}

static void nothing_beside(void)
{
    im_model_check(shared.before == 0 && shared.behind == 0, "the copy wrote beside its range");
    im_model_check(shared.bytes[0] == 1 && shared.bytes[COPIED - 1] == 1, "the copy is short");
}

IM_MODEL_HARNESS(racy_copy, "a racy copy that no writer met is whole, and no copy is a data race", .init = shared_init,
                 .threads = {write_all, read_all}, .check = nothing_beside)

static uint32_t words[3], copied[3];

static void words_init(void)
{
    memset(words, 0, sizeof words);
    memset(copied, 0, sizeof copied);
}

static void store_words(void)
{
    const uint32_t ones[3] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
    im_racy_store(words, ones, sizeof ones);
}

static void load_words(void)
{
    im_racy_load(copied, words, sizeof copied);
    for (unsigned i = 0; i < 3; i++)
        im_model_check(copied[i] == 0 || copied[i] == UINT32_MAX, "a word is torn: %x", copied[i]);
}

IM_MODEL_HARNESS(racy_words, "a racy copy does not tear aligned words", .init = words_init,
                 .threads = {store_words, load_words})

/* -------------------------------------------------------------------------------------------------------- panic */

static int prepared;
static jmp_buf leave;

static void handle(const struct im_panic_info *info)
{
    im_model_check(strcmp(info->message, "seven") == 0, "the message is %s", info->message);
    im_model_check(prepared == 1, "the handler runs unprepared");
    longjmp(leave, 1);
}

static void panic_init(void)
{
    prepared = 0;
    tested_set_handler(NULL);
}

static void set_handler(void)
{
    prepared = 1;
    tested_set_handler(handle);
}

static void panic_when_handled(void)
{
    if (im_sync_load(&current_handler, memory_order_relaxed) && setjmp(leave) == 0)
        tested_panic(IM_HERE, (struct im_site){0}, "%s", "seven");
}

IM_MODEL_HARNESS(panic_handler, "a handler sees what its setter prepared", .init = panic_init,
                 .threads = {set_handler, panic_when_handled})

/* A handler takes over from another: it sees what that one's setter prepared. */
static im_panic_handler *previous;

static void take_over(void)
{
    previous = tested_set_handler(NULL);
    if (previous)
        im_model_check(prepared == 1, "the previous handler is unprepared");
}

IM_MODEL_HARNESS(panic_handler_before, "who replaces a handler sees what its setter prepared", .init = panic_init,
                 .threads = {set_handler, take_over})

/* ------------------------------------------------------------------------------------------------------ backoff */

static uint32_t ready;

static void ready_init(void) { ready = 0; }
static void make_ready(void) { im_sync_store(&ready, 1, memory_order_release); }

static void back_off(void)
{
    struct im_backoff backoff = {0};
    while (!im_sync_load(&ready, memory_order_acquire))
        im_backoff_wait(&backoff);
}

IM_MODEL_HARNESS(backoff, "backing off ends when what is waited for has come", .init = ready_init,
                 .threads = {back_off, make_ready, back_off})

/* ---------------------------------------------------------------------------------------------------- word lock */

static struct im_word_lock word_lock;
static int guarded, expected; /* plain: watched for races */

static void word_lock_init(void)
{
    word_lock = (struct im_word_lock){0};
    guarded = expected = 0;
    im_model_name(&word_lock.word, sizeof word_lock.word, "lock");
    im_model_name(&guarded, sizeof guarded, "guarded");
}

static void count_one(void)
{
    im_word_lock_take(&word_lock);
    guarded++;
    expected++;
    im_word_lock_give(&word_lock);
}

static void count_two(void)
{
    count_one();
    count_one();
}

static void count_if_free(void)
{
    if (!im_word_lock_try(&word_lock))
        return;
    guarded++;
    expected++;
    im_word_lock_give(&word_lock);
}

static void all_counted(void)
{
    im_model_check(guarded == expected && guarded >= 2, "%d of %d were counted", guarded, expected);
    im_model_check(word_lock.word == 0, "the lock is %u at the end", word_lock.word);
}

IM_MODEL_HARNESS(word_lock, "one at a time has the lock, and whoever waits for it gets it", .init = word_lock_init,
                 .threads = {count_two, count_one}, .check = all_counted)
IM_MODEL_HARNESS(word_lock_three, "also where several wait", .init = word_lock_init,
                 .threads = {count_one, count_one, count_one}, .check = all_counted)
IM_MODEL_HARNESS(word_lock_try, "a try has it or not, and wakes who waited meanwhile", .init = word_lock_init,
                 .threads = {count_one, count_if_free, count_one}, .check = all_counted)
