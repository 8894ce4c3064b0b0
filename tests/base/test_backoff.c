/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>

#include <sys/syscall.h>
#include <unistd.h>

#include <intermut/backoff.h>

/* A clock that goes on by this at each look at it; the machine's own while it is negative. */
static int64_t tick_ns = -1;
static uint64_t made_up_ns;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (tick_ns < 0 || clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, now);
    made_up_ns += (uint64_t)tick_ns;
    *now = (struct timespec){(time_t)(made_up_ns / 1000000000u), (long)(made_up_ns % 1000000000u)};
    return 0;
}

Test(backoff, zeroed_is_fresh_and_is_spent_after_its_rounds)
{
    struct im_backoff backoff = {0};
    for (int round = 0; round < IM_BACKOFF_SPIN_ROUNDS; round++) {
        cr_assert(!im_backoff_is_spent(&backoff));
        im_backoff_wait(&backoff);
    }
    cr_assert(im_backoff_is_spent(&backoff));
}

Test(backoff, waiting_goes_on_when_spent)
{
    struct im_backoff backoff = {.round = IM_BACKOFF_SPIN_ROUNDS};
    im_backoff_wait(&backoff);
    cr_assert_eq(backoff.round, IM_BACKOFF_SPIN_ROUNDS);
}

static int pauses_until_spent(void (*pause)(struct im_looks *, uint64_t), uint64_t deadline_ns)
{
    struct im_looks looks = {0};
    int pauses = 0;
    for (; !im_looks_are_spent(&looks, IM_LOOKS_ALL_NS); pauses++)
        pause(&looks, deadline_ns);
    return pauses;
}

Test(looks, pauses_get_longer_until_they_are_spent)
{
    tick_ns = 50;
    made_up_ns = 0;
    /* 0.7 + 1.4 + 2.8 + 5.6 + 8 + 8 + 8 microseconds; 50 + 100 + 150 times 200 nanoseconds. */
    cr_assert_eq(pauses_until_spent(im_looks_pause, UINT64_MAX), 7);
    cr_assert_eq(pauses_until_spent(im_looks_pause_as_next, UINT64_MAX), 152);
    tick_ns = -1;
}

Test(looks, a_deadline_ends_the_pause_and_spends_all)
{
    struct im_looks looks = {0};
    tick_ns = 50;
    made_up_ns = 0;
    im_looks_pause(&looks, 250);
    tick_ns = -1;
    cr_assert_eq(made_up_ns, 250);
    cr_assert(im_looks_are_spent(&looks, IM_LOOKS_ALL_NS));
}

Test(looks, a_clock_that_stands_still_does_not_keep_anybody)
{
    tick_ns = 0;
    cr_assert_lt(pauses_until_spent(im_looks_pause, UINT64_MAX), 10);
    tick_ns = -1;
}
