/* SPDX-License-Identifier: MIT */
/* Atomics of 1 to 8 bytes. Loads acquire, stores release, read-modify-writes do both: for all contenders. */
#include "value_loop.h"

#include <intermut/atomic.h>

#include <stdatomic.h>

#define PACE_NS 1000

#define C11_LOAD(object) atomic_load_explicit(object, memory_order_acquire)
#define C11_STORE(object, value) atomic_store_explicit(object, value, memory_order_release)
#define C11_SWAP(object, value) atomic_exchange_explicit(object, value, memory_order_acq_rel)
#define C11_ADD(object, value) atomic_fetch_add_explicit(object, value, memory_order_acq_rel)
#define C11_COMPARE_EXCHANGE(object, expected, desired) \
    atomic_compare_exchange_strong_explicit(object, expected, desired, memory_order_acq_rel, memory_order_acquire)

#define ATOMIC_BENCH(row, name, loop, T, Object, statement) \
    VALUE_BENCH(row, name, loop, T, Object, VALUE_IN_REGISTER, statement)

/* Succeeds each time: the object counts along with i. */
#define COMPARE_EXCHANGE_ONCE(T, operation)         \
    T expected = (T)i;                              \
    (void)operation(object, &expected, (T)(i + 1)); \
    value = expected

#define ATOMIC_ROWS(size, name, tag, T, Object, load, store, swap, add, compare_exchange)           \
    ATOMIC_BENCH("atomic/load/" size, name, tag##_load, T, Object, value = load(object))            \
    ATOMIC_BENCH("atomic/store/" size, name, tag##_store, T, Object, store(object, value))          \
    ATOMIC_BENCH("atomic/exchange/" size, name, tag##_swap, T, Object, value = swap(object, value)) \
    ATOMIC_BENCH("atomic/fetch_add/" size, name, tag##_add, T, Object, value = add(object, 1))      \
    ATOMIC_BENCH("atomic/compare_exchange/" size, name, tag##_cas, T, Object,                       \
                 COMPARE_EXCHANGE_ONCE(T, compare_exchange))                                        \
    SIZE_BENCH("atomic/bytes/" size, name, tag##_bytes, Object)

#define CONTENDED_ROWS(name, tag, Object, store)                                  \
    static uint64_t tag##_writer(const struct bench_run *run)                     \
    {                                                                             \
        Object *object = run->subject;                                            \
        uint64_t ticks_apart = (uint64_t)(PACE_NS / bench_ns_per_tick());         \
        uint64_t next = 0, done = 0;                                              \
        while (bench_is_running(run)) {                                           \
            store(object, done++);                                                \
            bench_pace(&next, ticks_apart);                                       \
        }                                                                         \
        return done;                                                              \
    }                                                                             \
    BENCH("atomic/load/8B/3r1w", name, tag##_load, value_new, free, tag##_writer) \
    BENCH("atomic/fetch_add/8B/4t", name, tag##_add, value_new, free)

#define PLAIN_ROWS(size, tag, T)                                                           \
    ATOMIC_BENCH("atomic/load/" size, "plain memory", tag##_load, T, T, value = *object)   \
    ATOMIC_BENCH("atomic/store/" size, "plain memory", tag##_store, T, T, *object = value) \
    SIZE_BENCH("atomic/bytes/" size, "plain memory", tag##_bytes, T)

#define C11_ROWS(size, tag, T) \
    ATOMIC_ROWS(size, "C11 _Atomic", tag, T, _Atomic T, C11_LOAD, C11_STORE, C11_SWAP, C11_ADD, C11_COMPARE_EXCHANGE)

#define INTERMUT_ROWS(size, tag, T, Object)                                                        \
    ATOMIC_ROWS(size, "intermut", tag, T, Object, im_atomic_load, im_atomic_store, im_atomic_swap, \
                im_atomic_fetch_add, im_atomic_compare_exchange)

typedef im_atomic(uint8_t) u8_atomic;
typedef im_atomic(uint16_t) u16_atomic;
typedef im_atomic(uint32_t) u32_atomic;
typedef im_atomic(uint64_t) u64_atomic;

PLAIN_ROWS("1B", plain_u8, uint8_t)
PLAIN_ROWS("2B", plain_u16, uint16_t)
PLAIN_ROWS("4B", plain_u32, uint32_t)
PLAIN_ROWS("8B", plain_u64, uint64_t)

C11_ROWS("1B", c11_u8, uint8_t)
C11_ROWS("2B", c11_u16, uint16_t)
C11_ROWS("4B", c11_u32, uint32_t)
C11_ROWS("8B", c11_u64, uint64_t)
CONTENDED_ROWS("C11 _Atomic", c11_u64, _Atomic uint64_t, C11_STORE)

INTERMUT_ROWS("1B", im_u8, uint8_t, const u8_atomic)
INTERMUT_ROWS("2B", im_u16, uint16_t, const u16_atomic)
INTERMUT_ROWS("4B", im_u32, uint32_t, const u32_atomic)
INTERMUT_ROWS("8B", im_u64, uint64_t, const u64_atomic)
CONTENDED_ROWS("intermut", im_u64, const u64_atomic, im_atomic_store)
