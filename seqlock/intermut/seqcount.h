/* SPDX-License-Identifier: MIT */
/**
 * @file seqcount.h
 * A sequence counter: lets readers copy data that one writer at a time changes, without ever writing to memory.
 *
 * Use it when you lay out the data yourself: parts of a structure, an array, two places that change together. For one
 * value use <intermut/seqlock.h> or <intermut/latch.h>, which stand on it.
 *
 *     struct clock {
 *         struct im_seqcount count;
 *         uint64_t time[2];
 *     };
 *
 *     uint64_t write = im_seqcount_write_begin(&clock->count);          // one writer at a time
 *     im_racy_store(clock->time, now, sizeof now);
 *     im_seqcount_write_end(&clock->count, write);
 *
 *     uint64_t read;                                                    // any number of readers
 *     do {
 *         read = im_seqcount_read_begin(&clock->count);
 *         im_racy_load(copy, clock->time, sizeof copy);
 *     } while (im_seqcount_read_retry(&clock->count, read));
 *
 * The data is only accessed by im_racy_load(), im_racy_store() or relaxed atomics while it is shared: a plain access
 * would be a data race, even though its result is thrown away.
 *
 * How it works. The sequence is even at rest and odd during a write, and never the same again: 64 bits at a write per
 * nanosecond last 584 years. A copy is whole if the sequence was even before it and is the same after it. Why that is
 * enough, in C11's words: if the copy has a word of a write, then the writer's release fence, which is before that
 * word was stored, synchronises with the reader's acquire fence, which is after it was loaded; so the odd sequence,
 * stored before the one fence, is what the load behind the other sees, or a later one: the reader looks again. And the
 * words of all writes before are there, because the first load acquires what write_end released.
 *
 * ThreadSanitizer does not know fences. In its builds (IM_SEQCOUNT_FENCES is 0) both are replaced by
 * read-modify-writes of the sequence, which say the same: the reader's re-check adds 0 and releases, the writer's
 * entry acquires. If the re-check finds the sequence unchanged, the entry of the next writer comes after it in
 * modification order, reads from it or from a re-check behind it, and hence all its stores happen after all loads of
 * the copy. tests/model searches both forms.
 *
 * Progress: everything here is wait-free; a loop around read_begin and read_retry is lock-free (it goes around again
 * only when a write was made). A reader that interrupts the writer in a signal handler would wait for ever: there, take
 * the latch.
 * Source: H.-J. Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012.
 */
#ifndef INTERMUT_SEQCOUNT_H
#define INTERMUT_SEQCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include <intermut/checked.h>
#include <intermut/racy_copy.h>
#include <intermut/unsafe_cell.h>

/** Whether fences order the data, or read-modify-writes, which ThreadSanitizer understands. The layout is the same. */
#ifndef IM_SEQCOUNT_FENCES
#if IM_THREAD_SANITIZER && !defined(IM_SYNC_HEADER)
#define IM_SEQCOUNT_FENCES 0
#else
#define IM_SEQCOUNT_FENCES 1
#endif
#endif

/** A sequence; zeroed is at rest. */
struct im_seqcount {
    uint64_t im_sequence;
    IM_TAGS(seqcount, uint64_t);
};

/** Static initialiser. */
#define IM_SEQCOUNT_INIT \
    {                    \
        .im_sequence = 0 \
    }

static inline uint64_t *im__seqcount_word(const struct im_seqcount *count)
{
    return (uint64_t *)im_unsafe_unconst(&count->im_sequence);
}

/**
 * Start reading; pass the result to im_seqcount_read_retry() after the copy. Shared.
 *
 * Never waits. An odd result means that a write is under way: a copy is in vain, the retry will say so.
 * Order: acquire; pairs with the release in im_seqcount_write_end() and im_seqcount_write_abort().
 */
static inline uint64_t im_seqcount_read_begin(const struct im_seqcount *count)
{
    return im_sync_load(&count->im_sequence, memory_order_acquire);
}

/* The sequence, after all loads before this call. */
static inline uint64_t im__seqcount_recheck(const struct im_seqcount *count)
{
#if IM_SEQCOUNT_FENCES
    /* Acquire: pairs with the release fence in im__seqcount_enter() when a word of that write was loaded. */
    im_sync_fence(memory_order_acquire);
    return im_sync_load(&count->im_sequence, memory_order_relaxed);
#else
    return im_sync_fetch_add(im__seqcount_word(count), 0, memory_order_release);
#endif
}

/** Whether what was copied since im_seqcount_read_begin() gave `begin` may be torn: copy again. Shared; never waits. */
static inline bool im_seqcount_read_retry(const struct im_seqcount *count, uint64_t begin)
{
    return (begin & 1) != 0 || im__seqcount_recheck(count) != begin;
}

/*
 * What follows an odd sequence that has just been stored: the stores to the data stay behind it. In the other form the
 * read-modify-write that stored it acquires the re-checks of readers, and there is nothing left to do.
 */
static inline void im__seqcount_enter(void)
{
#if IM_SEQCOUNT_FENCES
    /* Release: pairs with the acquire fence in im__seqcount_recheck(). */
    im_sync_fence(memory_order_release);
#endif
}

/**
 * Start writing; pass the result to im_seqcount_write_end() or im_seqcount_write_abort(). Shared.
 *
 * Never waits: that no other thread writes, and that writers follow each other in order, is for the caller to see to.
 * With -DIM_CHECKED=1 a second writer meanwhile is a panic, which names both places.
 */
static inline uint64_t im_seqcount_write_begin(const struct im_seqcount *count)
{
    uint64_t *word = im__seqcount_word(count);
    /* Relaxed: nobody else writes. */
    uint64_t odd = im_sync_load(word, memory_order_relaxed) + 1;
#if IM_SEQCOUNT_FENCES
    im_sync_store(word, odd, memory_order_relaxed);
#else
    /* Acquire: pairs with the release in im__seqcount_recheck(). */
    (void)im_sync_exchange(word, odd, memory_order_acquire);
#endif
    im__seqcount_enter();
    return odd;
}

/**
 * Start writing if nobody else does, for writers that exclude each other by the sequence itself: true, and *write is
 * what im_seqcount_write_begin() would give. Shared; never waits.
 *
 * Order: acquire; pairs with the release in im_seqcount_write_end() and im_seqcount_write_abort() of the writer before.
 */
static inline bool im_seqcount_try_write_begin(const struct im_seqcount *count, uint64_t *write)
{
    uint64_t *word = im__seqcount_word(count);
    uint64_t even = im_sync_load(word, memory_order_relaxed);
    if ((even & 1) != 0 || !im_sync_compare_exchange(word, &even, even + 1, memory_order_acquire, memory_order_relaxed))
        return false;
    im__seqcount_enter();
    *write = even + 1;
    return true;
}

/**
 * The data is whole again; `write` is what the beginning gave. Shared.
 * Order: release; pairs with the acquire in im_seqcount_read_begin() and im_seqcount_try_write_begin().
 */
static inline void im_seqcount_write_end(const struct im_seqcount *count, uint64_t write)
{
    im_sync_store(im__seqcount_word(count), write + 1, memory_order_release);
}

/**
 * End a write that has changed nothing: readers that were copying meanwhile need not do it again. Shared.
 *
 * Not when anything was stored, even if it was put back: such a write ends with im_seqcount_write_end().
 * Order: release, because it stands in for the end of the write before; pairs as there.
 */
static inline void im_seqcount_write_abort(const struct im_seqcount *count, uint64_t write)
{
#if IM_SEQCOUNT_FENCES
    /* Relaxed: the release is that of the fence in im__seqcount_enter(); nothing was stored since. */
    im_sync_store(im__seqcount_word(count), write - 1, memory_order_relaxed);
#else
    im_sync_store(im__seqcount_word(count), write - 1, memory_order_release);
#endif
}

#if IM_CHECKED
/* A write, on record: a second one meanwhile panics, and both are named. In parentheses the names are the functions. */
static inline uint64_t im__seqcount_begin_checked(const struct im_seqcount *count, const struct im_place *place)
{
    im_checked_reached(count, place);
    im_checked_write_begins(count, "write_begin", place);
    return im_seqcount_write_begin(count);
}
static inline void im__seqcount_end_checked(const struct im_seqcount *count, uint64_t write)
{
    im_seqcount_write_end(count, write);
    im_checked_released(count, count, NULL);
}
static inline void im__seqcount_abort_checked(const struct im_seqcount *count, uint64_t write)
{
    im_seqcount_write_abort(count, write);
    im_checked_released(count, count, NULL);
}
#define im_seqcount_write_begin(count) im__seqcount_begin_checked(count, IM_PLACE(#count))
#define im_seqcount_write_end(count, write) im__seqcount_end_checked(count, write)
#define im_seqcount_write_abort(count, write) im__seqcount_abort_checked(count, write)
#endif

/*
 * The latch: two copies of the data, of which one is always whole.
 *
 * The sequence says which: readers take the copy im_seqcount_latch_index(), the last bit; at rest that is the first.
 * The writer changes the second copy, sends them there, changes the first, and sends them back:
 *
 *     im_racy_store(&data[1], …);
 *     im_seqcount_latch_flip(&count);      // readers go to data[1]
 *     im_racy_store(&data[0], …);
 *     im_seqcount_latch_flip(&count);      // readers go to data[0]
 *
 *     do {
 *         read = im_seqcount_latch_read_begin(&count);
 *         im_racy_load(&copy, &data[im_seqcount_latch_index(read)], sizeof copy);
 *     } while (im_seqcount_latch_read_retry(&count, read));
 *
 * A reader that interrupts the writer finds a sequence that does not change while it reads, hence needs one try: reads
 * are async-signal-safe. Source: the kernel's seqcount_latch.
 */

/** Send readers to the other copy, with what was stored to it before. One writer at a time; never waits. */
static inline void im_seqcount_latch_flip(const struct im_seqcount *count)
{
    uint64_t *word = im__seqcount_word(count);
    uint64_t next = im_sync_load(word, memory_order_relaxed) + 1;
#if IM_SEQCOUNT_FENCES
    /* Release: pairs with the acquire in im_seqcount_latch_read_begin(). */
    im_sync_store(word, next, memory_order_release);
#else
    /* Acquire, too: pairs with the release in im__seqcount_recheck(). */
    (void)im_sync_exchange(word, next, memory_order_acq_rel);
#endif
    im__seqcount_enter();
}

/** Start reading; pass the result to the two functions below. Order: acquire; pairs with im_seqcount_latch_flip(). */
static inline uint64_t im_seqcount_latch_read_begin(const struct im_seqcount *count)
{
    return im_sync_load(&count->im_sequence, memory_order_acquire);
}

/** Which of the two copies is whole: 0 or 1. */
static inline unsigned im_seqcount_latch_index(uint64_t begin)
{
    return (unsigned)(begin & 1);
}

/** Whether the copy may be torn: the writer has moved on to it meanwhile. Never waits. */
static inline bool im_seqcount_latch_read_retry(const struct im_seqcount *count, uint64_t begin)
{
    return im__seqcount_recheck(count) != begin;
}

#endif
