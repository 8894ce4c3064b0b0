/* SPDX-License-Identifier: MIT */
/**
 * @file raw_atomic.h
 * Values that no single machine word holds: the table of stripes, and what is done under one of its locks.
 *
 * Programs use <intermut/atomic.h>; this is what its macros call for values of 3, 5, 6, 7 and more than 8 bytes (16 bytes
 * only where the machine has no atomic of that size: <intermut/atomic_16.h>).
 *
 * How it works. There is one table of IM_ATOMIC_STRIPES sequence locks (<intermut/seqlock.h> has the algorithm, its
 * orders and why a copy is whole) for the whole process. An object's address picks its stripe; all accesses to it go
 * through that one, so an object has a lock without having room for one. Loads copy without writing to memory, and
 * look at the sequence again; after IM_SEQLOCK_TRIES tries in vain they hold writers off. Writers take the odd sequence.
 *
 * Who may run with whom: loads of whatever with each other; stores with everything of another stripe. Two objects with
 * the same stripe are as one object, only slower. Nothing of the caller's runs while a stripe is held, so no operation
 * waits for itself, but for one in a signal handler that interrupted another one of the same thread.
 *
 * Progress: a load waits for at most one store of each thread that stores to its stripe, a store for the others of that
 * stripe. A thread that is stopped by the scheduler inside a store delays both for so long.
 *
 * The counters have 64 bits, so that one that has gone round cannot be taken for one that has not moved.
 *
 * fork(): the child's memory must not have a value half stored by a thread that it does not have. So fork() waits for
 * the stores that are under way, holds all stripes, and lets them go in parent and child (atomic/table.c). In a signal
 * handler that interrupted a store of its own thread it would wait for ever; _Fork() runs no such handlers.
 * Source: crossbeam's AtomicCell (the striped locks), with the seqlock of <intermut/seqlock.h>.
 */
#ifndef INTERMUT_RAW_ATOMIC_H
#define INTERMUT_RAW_ATOMIC_H

#include <string.h>

#include <intermut/checked.h>
#include <intermut/seqlock.h>

/* Few enough to be found in the caches, and so many that two busy objects rarely meet. Powers of two. */
#define IM_ATOMIC_STRIPES 256
#define IM_ATOMIC_WAIT_QUEUES 64

/** One lock of the table, on a cache line of its own. */
struct im_atomic_stripe {
    struct im_raw_seqlock lock;
} __attribute__((aligned(IM_CACHE_LINE_BYTES)));

/** Threads that sleep until an object of this queue changes: <intermut/atomic_wait.h>. */
struct im_atomic_wait_queue {
    uint32_t waiting; /**< threads that sleep, or are about to */
    uint32_t wakes;   /**< changes with each wake-up; what threads sleep on where the value is no futex word */
} __attribute__((aligned(IM_CACHE_LINE_BYTES)));

/** What all objects of a process share; zeroed at the start. Its layout is part of the ABI. */
struct im_atomic_table {
    struct im_atomic_stripe stripe[IM_ATOMIC_STRIPES];
    struct im_atomic_wait_queue queue[IM_ATOMIC_WAIT_QUEUES];
    uint32_t ways_of_16;    /**< enum im_atomic_16_ways; a line that is hardly ever written */
    uint32_t fork_handlers; /**< whether they are installed */
    uint32_t sequenced;     /**< stands in for a fence under ThreadSanitizer */
} __attribute__((aligned(IM_CACHE_LINE_BYTES)));

IM_BEGIN_DECLS

/** One per process, also where several shared objects have the library inside: atomic/table.c. 20 KiB. */
extern struct im_atomic_table im_atomic_table;

/** For checked builds: panic unless `object` is there and aligned to `alignment`. */
IM_ADDRESS_ONLY(1)
void im_raw_atomic_inspect(const void *object, size_t alignment, const struct im_place *place);

IM_END_DECLS

/*
 * Fibonacci hashing, of an address with its upper part folded into the lower one: without that, structs whose size has
 * to do with a Fibonacci number (2584 bytes) would all come to lie in one stripe. tests/atomic measures.
 */
IM_INLINE uint64_t im__atomic_hash(const void *object)
{
    uint64_t address = (uint64_t)(uintptr_t)object;
    return (address ^ address >> 9) * 0x9e3779b97f4a7c15u;
}

/** The lock of the object at this address. */
IM_INLINE const struct im_raw_seqlock *im_atomic_stripe_of(const void *object)
{
    _Static_assert(IM_ATOMIC_STRIPES == 1 << (64 - 56), "the hash has as many bits as there are stripes");
    return &im_atomic_table.stripe[im__atomic_hash(object) >> 56].lock;
}

/*
 * The order of a seqlock's accesses is acquire and release. memory_order_seq_cst asks for a fence around them; what
 * ThreadSanitizer gets, which knows no fences, orders as much.
 */
IM_INLINE void im__atomic_sequence(int order)
{
    if (order == memory_order_seq_cst) {
#if IM_THREAD_SANITIZER && !defined(IM_SYNC_HEADER)
        (void)im_sync_fetch_add(&im_atomic_table.sequenced, 0, memory_order_acq_rel);
#else
        im_sync_fence(memory_order_seq_cst);
#endif
    }
}

/*
 * `object` is the shared value of `bytes` bytes, aligned to `alignment`, a constant; `lock` is what guards it. All other
 * pointers are to private memory of that size.
 */

/** Copy the value to `to`. */
IM_INLINE void im_raw_atomic_load(const struct im_raw_seqlock *lock, const void *object, void *to, size_t bytes,
                                  size_t alignment, int order)
{
    if (bytes == 0)
        return;
    im__atomic_sequence(order);
    im_raw_seqlock_load(lock, to, object, bytes, alignment, IM_SEQLOCK_MANY_WRITERS);
    im__atomic_sequence(order);
}

/* Writes end by the functions, not by the macros of a checked build: none is on record, in the child of a fork() either. */

/** Replace the value by that at `from`. */
IM_INLINE void im_raw_atomic_store(const struct im_raw_seqlock *lock, void *object, const void *from, size_t bytes,
                                   size_t alignment, int order)
{
    if (bytes == 0)
        return;
    im__atomic_sequence(order);
    uint64_t write = im_raw_seqlock_begin(lock, IM_SEQLOCK_MANY_WRITERS);
    im_racy_store_aligned(object, from, bytes, alignment);
    (im_seqcount_write_end)(&lock->count, write);
    im__atomic_sequence(order);
}

/** Replace the value by that at `from`; `old` gets the one before. */
IM_INLINE void im_raw_atomic_exchange(const struct im_raw_seqlock *lock, void *object, const void *from, void *old,
                                      size_t bytes, size_t alignment, int order)
{
    if (bytes == 0)
        return;
    im__atomic_sequence(order);
    uint64_t write = im_raw_seqlock_begin(lock, IM_SEQLOCK_MANY_WRITERS);
    im_racy_load_aligned(old, object, bytes, alignment);
    im_racy_store_aligned(object, from, bytes, alignment);
    (im_seqcount_write_end)(&lock->count, write);
    im__atomic_sequence(order);
}

/**
 * Replace the value by that at `desired` if its bytes are those at `expected`; `found` gets the one before. Whether it
 * was replaced. Readers are not disturbed by one that fails, but for its duration.
 */
IM_INLINE bool im_raw_atomic_compare_exchange(const struct im_raw_seqlock *lock, void *object, const void *expected,
                                              const void *desired, void *found, size_t bytes, size_t alignment,
                                              int order)
{
    if (bytes == 0)
        return true;
    im__atomic_sequence(order);
    uint64_t write = im_raw_seqlock_begin(lock, IM_SEQLOCK_MANY_WRITERS);
    im_racy_load_aligned(found, object, bytes, alignment);
    bool is_expected = memcmp(found, expected, bytes) == 0;
    if (is_expected) {
        im_racy_store_aligned(object, desired, bytes, alignment);
        (im_seqcount_write_end)(&lock->count, write);
    } else {
        (im_seqcount_write_abort)(&lock->count, write);
    }
    im__atomic_sequence(order);
    return is_expected;
}

#endif
