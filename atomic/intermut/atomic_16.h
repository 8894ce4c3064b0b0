/* SPDX-License-Identifier: MIT */
/**
 * @file atomic_16.h
 * Values of 16 bytes, in the machine's own atomics of that size.
 *
 * Programs use <intermut/atomic.h>; this is what its macros call for a T of 16 bytes.
 *
 *     x86-64     compare-exchange: lock cmpxchg16b. Loads and stores: aligned 16-byte moves, where the CPU guarantees
 *                that they are atomic (AVX, and a vendor that says so); elsewhere a compare-exchange, too.
 *     aarch64    compare-exchange: casp (LSE), or a loop of ldaxp and stlxp. Loads and stores: ldp and stp where the
 *                CPU guarantees that they are atomic (LSE2); elsewhere as above.
 *
 * What the CPU can do is found once, before main(); who comes earlier finds it by itself. The answer is always the same,
 * so it does not matter who writes it. A CPU that can do neither (the first x86-64 ones) takes stripes.
 *
 * Where loads are moves, readers do not contend: no cache line is written. Where they are compare-exchanges, the object
 * must be in writable memory, also for a load.
 *
 * None of this is known to ThreadSanitizer or to the model: in their builds (IM_ATOMIC_16 is 0) values of 16 bytes are
 * in stripes like larger ones. The layout is the same, but code with and without ThreadSanitizer must not share such an
 * object. AddressSanitizer is told which bytes are accessed.
 * Sources: Intel SDM 3A 9.1.1, AMD APM 2 7.3.2 (aligned 16-byte moves on CPUs with AVX); Arm ARM B2.2.1 (LSE2);
 * libatomic and portable-atomic, which rest on the same.
 */
#ifndef INTERMUT_ATOMIC_16_H
#define INTERMUT_ATOMIC_16_H

#include <intermut/raw_atomic.h>

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(IM_SYNC_HEADER) && !IM_THREAD_SANITIZER
#define IM_ATOMIC_16 1
#else
#define IM_ATOMIC_16 0
#endif

#if IM_ATOMIC_16

/** What the CPU can do with 16 bytes at once: bits. */
enum im_atomic_16_ways {
    IM_ATOMIC_16_KNOWN = 1,    /**< it has been found out */
    IM_ATOMIC_16_EXCHANGE = 2, /**< compare-exchange */
    IM_ATOMIC_16_MOVES = 4,    /**< aligned loads and stores */
    IM_ATOMIC_16_LSE = 8,      /**< aarch64: by casp */
};

IM_BEGIN_DECLS

/** What this CPU can do, found out if need be: im_atomic_table has it from then on. */
uint32_t im_atomic_16_find_ways(void);

/* What is not done inline: the first access of all, and CPUs without moves, or without anything. */
IM_COLD void im_raw_atomic_16_load_otherwise(const void *object, void *to, int order);
IM_COLD void im_raw_atomic_16_store_otherwise(void *object, const void *from, int order);
IM_COLD bool im_raw_atomic_16_compare_exchange_otherwise(void *object, const void *expected, const void *desired,
                                                         void *found, int order);

IM_END_DECLS

/** Whether values of 16 bytes need no lock on this CPU. */
static inline bool im_raw_atomic_16_is_lock_free(void)
{
    return (im_atomic_16_find_ways() & IM_ATOMIC_16_EXCHANGE) != 0;
}

/* Relaxed: it is a constant that nothing else depends on. */
IM_INLINE bool im__atomic_16_can(uint32_t way)
{
    return (im_sync_load(&im_atomic_table.ways_of_16, memory_order_relaxed) & way) != 0;
}

typedef long long im__atomic_16_value __attribute__((vector_size(16), may_alias));

/* Inline assembly is invisible to AddressSanitizer; these two loads are not. */
IM_INLINE void im__atomic_16_show(const void *object)
{
    if (IM_ADDRESS_SANITIZER) {
        (void)im_sync_load((const uint8_t *)object, memory_order_relaxed);
        (void)im_sync_load((const uint8_t *)object + 15, memory_order_relaxed);
    }
}

/*
 * The machine. An asm with a "memory" clobber keeps the compiler from moving other accesses across; each of these is at
 * least as strong as acquire (loads), release (stores) or both.
 */
#if defined(__x86_64__)

/* Loads acquire and stores release by themselves; a store that is seq_cst is followed by a fence. */
IM_INLINE void im__atomic_16_move_out(const void *object, void *to)
{
    im__atomic_16_value value;
    __asm__ __volatile__(IM_X86_MOVE("movdqa", "%1", "%0")
                         : "=x"(value)
                         : "m"(*(const im__atomic_16_value *)object)
                         : "memory");
    memcpy(to, &value, sizeof value);
}

IM_INLINE void im__atomic_16_move_in(void *object, const void *from)
{
    im__atomic_16_value value;
    memcpy(&value, from, sizeof value);
    __asm__ __volatile__(IM_X86_MOVE("movdqa", "%1", "%0")
                         : "=m"(*(im__atomic_16_value *)object)
                         : "x"(value)
                         : "memory");
}

IM_INLINE bool im__atomic_16_exchange_if(void *object, const void *expected, const void *desired, void *found)
{
    uint64_t old[2], new[2];
    bool done;
    memcpy(old, expected, sizeof old);
    memcpy(new, desired, sizeof new);
    __asm__ __volatile__("lock cmpxchg16b %1"
                         : "=@ccz"(done), "+m"(*(im__atomic_16_value *)object), "+a"(old[0]), "+d"(old[1])
                         : "b"(new[0]), "c"(new[1])
                         : "memory");
    memcpy(found, old, sizeof old);
    return done;
}

#else

IM_INLINE void im__atomic_16_move_out(const void *object, void *to)
{
    uint64_t value[2];
    __asm__ __volatile__("ldp %0, %1, %2\n\tdmb ishld"
                         : "=r"(value[0]), "=r"(value[1])
                         : "Q"(*(const im__atomic_16_value *)object)
                         : "memory");
    memcpy(to, value, sizeof value);
}

IM_INLINE void im__atomic_16_move_in(void *object, const void *from)
{
    uint64_t value[2];
    memcpy(value, from, sizeof value);
    __asm__ __volatile__("dmb ish\n\tstp %1, %2, %0"
                         : "=Q"(*(im__atomic_16_value *)object)
                         : "r"(value[0]), "r"(value[1])
                         : "memory");
}

/* casp takes pairs of neighbouring registers. */
IM_INLINE bool im__atomic_16_casp(void *object, const uint64_t *expected, const uint64_t *desired, uint64_t *found)
{
    register uint64_t old_low __asm__("x0") = expected[0], old_high __asm__("x1") = expected[1];
    register uint64_t new_low __asm__("x2") = desired[0], new_high __asm__("x3") = desired[1];
    __asm__ __volatile__(".arch_extension lse\n\tcaspal %0, %1, %3, %4, %2"
                         : "+r"(old_low), "+r"(old_high), "+Q"(*(im__atomic_16_value *)object)
                         : "r"(new_low), "r"(new_high)
                         : "memory");
    found[0] = old_low, found[1] = old_high;
    return found[0] == expected[0] && found[1] == expected[1];
}

/* A pair that was loaded is whole only if it, or another, can be stored: so one that is not expected is put back. */
IM_INLINE bool im__atomic_16_pair(void *object, const uint64_t *expected, const uint64_t *desired, uint64_t *found)
{
    uint64_t low, high, new_low, new_high;
    uint32_t failed;
    __asm__ __volatile__("1:\tldaxp %0, %1, %5\n\t"
                         "cmp %0, %6\n\t"
                         "ccmp %1, %7, #0, eq\n\t"
                         "csel %2, %8, %0, eq\n\t"
                         "csel %3, %9, %1, eq\n\t"
                         "stlxp %w4, %2, %3, %5\n\t"
                         "cbnz %w4, 1b"
                         : "=&r"(low), "=&r"(high), "=&r"(new_low), "=&r"(new_high), "=&r"(failed),
                           "+Q"(*(im__atomic_16_value *)object)
                         : "r"(expected[0]), "r"(expected[1]), "r"(desired[0]), "r"(desired[1])
                         : "memory", "cc");
    found[0] = low, found[1] = high;
    return low == expected[0] && high == expected[1];
}

IM_INLINE bool im__atomic_16_exchange_if(void *object, const void *expected, const void *desired, void *found)
{
    uint64_t old[2], new[2], seen[2];
    memcpy(old, expected, sizeof old);
    memcpy(new, desired, sizeof new);
#if defined(__ARM_FEATURE_ATOMICS)
    bool done = im__atomic_16_casp(object, old, new, seen);
#else
    bool done = im__atomic_16_can(IM_ATOMIC_16_LSE) ? im__atomic_16_casp(object, old, new, seen)
                                                    : im__atomic_16_pair(object, old, new, seen);
#endif
    memcpy(found, seen, sizeof seen);
    return done;
}

#endif

/** Copy the value to `to`. */
IM_INLINE void im_raw_atomic_16_load(const void *object, void *to, int order)
{
    im__atomic_16_show(object);
    if (IM_UNLIKELY(!im__atomic_16_can(IM_ATOMIC_16_MOVES))) {
        im_raw_atomic_16_load_otherwise(object, to, order);
        return;
    }
#if !defined(__x86_64__)
    im__atomic_sequence(order);
#endif
    im__atomic_16_move_out(object, to);
}

/** Replace the value by that at `from`. */
IM_INLINE void im_raw_atomic_16_store(void *object, const void *from, int order)
{
    im__atomic_16_show(object);
    if (IM_UNLIKELY(!im__atomic_16_can(IM_ATOMIC_16_MOVES))) {
        im_raw_atomic_16_store_otherwise(object, from, order);
        return;
    }
    im__atomic_16_move_in(object, from);
    im__atomic_sequence(order);
}

/** Replace the value by that at `desired` if its bytes are those at `expected`; `found` gets the one before. */
IM_INLINE bool im_raw_atomic_16_compare_exchange(void *object, const void *expected, const void *desired, void *found,
                                                 int order)
{
    im__atomic_16_show(object);
    if (IM_UNLIKELY(!im__atomic_16_can(IM_ATOMIC_16_EXCHANGE)))
        return im_raw_atomic_16_compare_exchange_otherwise(object, expected, desired, found, order);
    return im__atomic_16_exchange_if(object, expected, desired, found);
}

/** Replace the value by that at `from`; `old` gets the one before. */
IM_INLINE void im_raw_atomic_16_exchange(void *object, const void *from, void *old, int order)
{
    unsigned char seen[16], found[16];
    im_raw_atomic_16_load(object, seen, memory_order_relaxed);
    while (!im_raw_atomic_16_compare_exchange(object, seen, from, found, order))
        memcpy(seen, found, sizeof seen);
    memcpy(old, seen, sizeof seen);
}

#else

/* Never called, only compiled: who asks takes stripes. */
#define im_raw_atomic_16_is_lock_free() false
#define im_raw_atomic_16_load(object, to, order) ((void)0)
#define im_raw_atomic_16_store(object, from, order) ((void)0)
#define im_raw_atomic_16_compare_exchange(object, expected, desired, found, order) false
#define im_raw_atomic_16_exchange(object, from, old, order) ((void)0)

#endif

#endif
