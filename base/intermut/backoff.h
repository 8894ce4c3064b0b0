/* SPDX-License-Identifier: MIT */
/**
 * @file backoff.h
 * How long to wait before the next try of something that another thread is about to finish.
 *
 *     struct im_backoff backoff = {0};
 *     while (!try_again())
 *         im_backoff_wait(&backoff);
 *
 * Spins twice as long at each call, then yields the core: the other thread may need it to finish (more threads than
 * cores). Source: the exponential backoff of T. E. Anderson, "The performance of spin lock alternatives", IEEE TPDS
 * 1990.
 *
 * Who can sleep uses struct im_looks, which says when to. Its pauses are measured, as a spin hint takes 5 to 50
 * nanoseconds, by the machine.
 */
#ifndef INTERMUT_BACKOFF_H
#define INTERMUT_BACKOFF_H

#include <stdbool.h>

#include <intermut/sync.h>

/** The state of one wait; zeroed is fresh. */
struct im_backoff {
    unsigned round;
};

/* 2^6 hints are some 2 to 9 microseconds, about what a switch to another thread costs. */
enum { IM_BACKOFF_SPIN_ROUNDS = 7 };

/** Whether spinning is over: the moment to sleep for those who can. */
static inline bool im_backoff_is_spent(const struct im_backoff *backoff)
{
    return backoff->round >= IM_BACKOFF_SPIN_ROUNDS;
}

/** Wait a little, longer each time. */
static inline void im_backoff_wait(struct im_backoff *backoff)
{
    if (im_backoff_is_spent(backoff)) {
        im_sync_yield();
        return;
    }
    for (unsigned spins = 1u << backoff->round; spins > 0; spins--)
        im_sync_spin_hint();
    backoff->round++;
}

/** Looks at a word that others change, ever more rarely; zeroed is fresh. */
struct im_looks {
    uint64_t pause_ns; /* the last one */
    uint64_t spent_ns;
};

/*
 * A look takes the line from who works with it, and a lock that changes hands takes its data along: some hundred
 * nanoseconds. So the first pause is as long as many short sections, in which one thread has the lock again and again,
 * and the longest one is short beside the whole, which is what a sleep and a wake-up cost.
 */
enum { IM_LOOKS_FIRST_NS = 700, IM_LOOKS_LONGEST_NS = 8000, IM_LOOKS_ALL_NS = 30000 };

/* Before a pause of so many the core is yielded, which takes some hundred of them. */
enum { IM_LOOKS_YIELD_NS = 2000 };

/* For who is next: nobody gains anything as long as it looks away. */
enum { IM_LOOKS_NEXT_FIRST_NS = 50, IM_LOOKS_NEXT_LONGEST_NS = 200 };

/** Whether it is time to sleep. */
static inline bool im_looks_are_spent(const struct im_looks *looks, uint64_t all_ns)
{
    return looks->spent_ns >= all_ns;
}

/*
 * Spin for twice as long as the last time, or until `deadline_ns`. No hint takes less than a nanosecond: where the clock
 * is coarse or stands still, hints are the time.
 */
static inline void im__looks_pause(struct im_looks *looks, uint64_t first_ns, uint64_t longest_ns, uint64_t deadline_ns)
{
    enum { HINTS_PER_ROUND = 4 };
    const uint64_t wanted_ns = looks->pause_ns == 0 ? first_ns : 2 * looks->pause_ns;
    const uint64_t pause_ns = wanted_ns < longest_ns ? wanted_ns : longest_ns, began_ns = im_sync_now_ns();
    uint64_t now_ns, passed_ns, all_hints = 0;
    /* With more threads than cores, somebody may need this one to get done. */
    if (pause_ns >= IM_LOOKS_YIELD_NS)
        im_sync_yield();
    do {
        for (int hints = 0; hints < HINTS_PER_ROUND; hints++)
            im_sync_spin_hint();
        all_hints += HINTS_PER_ROUND;
        now_ns = im_sync_now_ns();
        passed_ns = now_ns - began_ns > all_hints ? now_ns - began_ns : all_hints;
    } while (passed_ns < pause_ns && now_ns < deadline_ns);
    looks->pause_ns = pause_ns;
    /* What it was to take, not what it took: who has lost its core has not looked. */
    looks->spent_ns += now_ns < deadline_ns ? pause_ns : UINT64_MAX / 2;
}

/** Look away for a while, but not beyond `deadline_ns`: then all looks are spent. */
static inline void im_looks_pause(struct im_looks *looks, uint64_t deadline_ns)
{
    im__looks_pause(looks, IM_LOOKS_FIRST_NS, IM_LOOKS_LONGEST_NS, deadline_ns);
}

/** The same for who is next. */
static inline void im_looks_pause_as_next(struct im_looks *looks, uint64_t deadline_ns)
{
    im__looks_pause(looks, IM_LOOKS_NEXT_FIRST_NS, IM_LOOKS_NEXT_LONGEST_NS, deadline_ns);
}

#endif
