/* SPDX-License-Identifier: MIT */
/*
 * Whether a thread has come to its wait until a word of the library's changes: so that a test can hold a moment until another
 * thread waits there, or has gone on where it should have waited, however busy the machine is.
 *
 * The program's im_sync_wait() comes before the library's, which it calls.
 */
#ifndef SLEEPER_H
#define SLEEPER_H

#include <dlfcn.h>

#include <intermut/sync.h>

/* Set by a thread: which word its waits are told of; or of any, where the word is the library's secret. */
static __thread const uint32_t *sleeper_word;
static const uint32_t any_word;

/* Atomic: threads that wait at their word. */
static uint32_t sleepers;

/* How often this thread came to wait at its word. */
static __thread uint32_t waits_of_this_thread;

int im_sync_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    __typeof__(&im_sync_wait) next = dlsym(RTLD_NEXT, "im_sync_wait");
    if (word != sleeper_word && sleeper_word != &any_word)
        return next(word, expected, deadline_ns);
    waits_of_this_thread++;
    im_sync_fetch_add(&sleepers, 1, memory_order_relaxed);
    const int error = next(word, expected, deadline_ns);
    im_sync_fetch_sub(&sleepers, 1, memory_order_relaxed);
    return error;
}

static inline bool somebody_sleeps(void)
{
    return im_sync_load(&sleepers, memory_order_relaxed) > 0;
}

#endif
