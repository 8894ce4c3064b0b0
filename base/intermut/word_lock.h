/* SPDX-License-Identifier: MIT */
/**
 * @file word_lock.h
 * A lock of four bytes for hot paths of the library itself: taken and given back by one instruction each while nobody waits.
 *
 * Internal: installed because the layout of other headers' types needs it, not meant to be called by programs.
 *
 * A mutex of the C library does the same in 60 instructions more, and 36 bytes. Threads of one process; not recursive, not
 * fair; sleeps in the kernel, without a look before. A thread that takes it may end and free what it is part of, even
 * before the unlock that it has waited for has returned.
 *
 * The word is 0 while it is free, 1 while it is held, and 2 while it is held and somebody may sleep. Who had to wait takes it
 * with 2, not knowing whether others sleep; so whoever has to wake somebody finds a 2. One wake-up too many does no harm.
 *
 * It is given back by an exchange, though a store and a fence by those who are about to sleep would do for them, and takes
 * some ns less: a store may be on its way to the cache when a change that the lock guards has returned, and somebody who
 * begins to look after that would not see the change. On x86-64 an exchange waits until all stores are there. (The stress
 * test linearizable sees it in one of 20 runs.)
 *
 * Source: U. Drepper, "Futexes are tricky", 2011, mutex 2.
 */
#ifndef INTERMUT_WORD_LOCK_H
#define INTERMUT_WORD_LOCK_H

#include <intermut/sync.h>

/** Zeroed is free. */
struct im_word_lock {
    uint32_t word;
};

enum { IM__WORD_FREE = 0, IM__WORD_HELD = 1, IM__WORD_AWAITED = 2 };

static inline bool im_word_lock_try(struct im_word_lock *lock)
{
    uint32_t seen = IM__WORD_FREE;
    /* Acquire: meets the release in im_word_lock_give(). */
    return im_sync_compare_exchange(&lock->word, &seen, IM__WORD_HELD, memory_order_acquire, memory_order_relaxed);
}

IM_BEGIN_DECLS
void im__word_lock_wait(struct im_word_lock *lock) IM_COLD;
IM_END_DECLS

static inline void im_word_lock_take(struct im_word_lock *lock)
{
    if (IM_UNLIKELY(!im_word_lock_try(lock)))
        im__word_lock_wait(lock);
}

/** Give it back. True: im_word_lock_wake() is to follow. */
static inline bool im_word_lock_let_go(struct im_word_lock *lock)
{
    /* Release: for the acquires of whoever takes it. */
    return im_sync_exchange(&lock->word, IM__WORD_FREE, memory_order_release) == IM__WORD_AWAITED;
}

static inline void im_word_lock_wake(struct im_word_lock *lock)
{
    im_sync_wake(&lock->word, 1);
}

static inline void im_word_lock_give(struct im_word_lock *lock)
{
    if (IM_UNLIKELY(im_word_lock_let_go(lock)))
        im_word_lock_wake(lock);
}

#endif
