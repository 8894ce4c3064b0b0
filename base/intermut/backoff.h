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

#endif
