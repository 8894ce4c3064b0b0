/* SPDX-License-Identifier: MIT */
/* Row S5: the latch, read by a signal handler that interrupts its writer anywhere. */
#include <criterion/criterion.h>

#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include <intermut/latch.h>

struct state {
    uint64_t word[40];
};
typedef im_latch(struct state) state_latch;

static state_latch latch;

static struct state state_of(uint64_t n)
{
    struct state state;
    for (size_t i = 0; i < sizeof state.word / sizeof state.word[0]; i++)
        state.word[i] = n;
    return state;
}

static bool is_whole(struct state state)
{
    for (size_t i = 0; i < sizeof state.word / sizeof state.word[0]; i++) {
        if (state.word[i] != state.word[0])
            return false;
    }
    return true;
}

Test(latch, load_gives_what_was_stored)
{
    for (uint64_t n = 1; n < 5; n++) {
        im_latch_store(&latch, state_of(n));
        struct state seen = im_latch_load(&latch);
        cr_assert_eq(seen.word[39], n);
        cr_assert(is_whole(seen));
    }
    cr_assert_eq(im_latch_into_inner(&latch).word[7], 4);
}

Test(latch, is_valid_when_zeroed_and_over_its_end)
{
    cr_assert_eq(im_latch_load(&latch).word[0], 0);
    latch.im_count.im_sequence = UINT64_MAX - 1;
    im_latch_store(&latch, state_of(3));
    im_latch_store(&latch, state_of(4));
    cr_assert_eq(im_latch_load(&latch).word[0], 4);
}

typedef struct {
    _Alignas(64) char bytes[3];
} aligned_bytes;

Test(latch, holds_any_size)
{
    static im_latch(char) one = IM_LATCH_INIT('x');
    cr_assert_eq(im_latch_load(&one), 'x');
    im_latch_store(&one, 'y');
    cr_assert_eq(im_latch_load(&one), 'y');
    im_latch(aligned_bytes) wide = IM_LATCH_INIT({{1, 2, 3}});
    cr_assert_eq((uintptr_t)&wide.im_other % 64, 0);
    im_latch_store(&wide, ((aligned_bytes){{4, 5, 6}}));
    cr_assert_eq(im_latch_load(&wide).bytes[2], 6);
}

enum { SIGNALS = 200 };
static volatile sig_atomic_t signals, torn, went_back;
static uint64_t seen_last;

/* Both places where the writer may be interrupted, on purpose. */
Test(latch, a_reader_between_the_two_halves_of_a_store_sees_a_whole_value)
{
    const struct state two = state_of(2);
    im_latch_store(&latch, state_of(1));
    im_racy_store(&latch.im_other, &two, sizeof two / 2);
    cr_assert_eq(im_latch_load(&latch).word[0], 1);
    cr_assert(is_whole(im_latch_load(&latch)));
    im_racy_store(&latch.im_other, &two, sizeof two);
    im_seqcount_latch_flip(&latch.im_count);
    im_racy_store(&latch.im_value, &two, sizeof two / 2);
    cr_assert_eq(im_latch_load(&latch).word[0], 2);
    cr_assert(is_whole(im_latch_load(&latch)));
}

static state_latch told; /* by its initialiser, or by get_mut, what only one of the two copies has */
static volatile sig_atomic_t untold;

static void look_at_told(int signal)
{
    (void)signal;
    untold += im_latch_load(&told).word[0] == 0;
    signals++;
}

Test(latch, a_reader_in_the_first_store_sees_what_was_there_before)
{
    const struct itimerval often = {{0, 100}, {0, 100}}, never = {{0, 0}, {0, 0}};
    *im_latch_get_mut(&told) = state_of(5);
    signal(SIGALRM, look_at_told);
    setitimer(ITIMER_REAL, &often, NULL);
    while (signals < SIGNALS) {
        sigset_t alarms;
        sigemptyset(&alarms);
        sigaddset(&alarms, SIGALRM);
        sigprocmask(SIG_BLOCK, &alarms, NULL);
        memset(&told, 0, sizeof told);
        *im_latch_get_mut(&told) = state_of(5);
        sigprocmask(SIG_UNBLOCK, &alarms, NULL);
        im_latch_store(&told, state_of(6));
    }
    setitimer(ITIMER_REAL, &never, NULL);
    cr_assert_eq(untold, 0);
}

Test(latch, get_mut_changes_what_is_loaded)
{
    im_latch_store(&latch, state_of(1));
    *im_latch_get_mut(&latch) = state_of(2);
    cr_assert_eq(im_latch_load(&latch).word[0], 2);
    im_latch_get_mut(&latch)->word[39] = 3;
    cr_assert_eq(im_latch_into_inner(&latch).word[39], 3);
}

/* And wherever a timer happens to. */

static void look(int signal)
{
    (void)signal;
    struct state seen = im_latch_load(&latch);
    torn += !is_whole(seen);
    went_back += seen.word[0] < seen_last;
    seen_last = seen.word[0];
    signals++;
}

Test(latch, a_signal_handler_sees_whole_values)
{
    const struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    signal(SIGALRM, look);
    setitimer(ITIMER_REAL, &often, NULL);
    for (uint64_t n = 1; signals < SIGNALS; n++)
        im_latch_store(&latch, state_of(n));
    setitimer(ITIMER_REAL, &never, NULL);
    cr_assert_eq(torn, 0);
    cr_assert_eq(went_back, 0);
}
