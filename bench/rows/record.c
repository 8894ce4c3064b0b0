/* SPDX-License-Identifier: MIT */
/*
 * Atomics of records, 16 bytes and more: intermut in its forms, and C11's, which gcc leaves to libatomic. ck_sequence as
 * one that excludes its writers in no way.
 */
#include "seqlock.h"

#include <intermut/atomic.h>

#ifdef BENCH_LIBATOMIC
#include <stdatomic.h>
#endif

#define PLAIN_LOAD(object) (*(object))
#define PLAIN_STORE(object, value) (*(object) = (value))
#define C11_LOAD(object) atomic_load_explicit(object, memory_order_acquire)
#define C11_STORE(object, value) atomic_store_explicit(object, value, memory_order_release)

#define CONTENDER(bytes, name, tag, Object, load, store)                                               \
    RECORD_ROWS("record", #bytes "B", name, tag##_##bytes, struct record_##bytes, Object, load, store) \
    RECORD_WRITERS(tag##_##bytes, struct record_##bytes, Object, store)                                \
    RECORD_SHARED_ROWS("record", #bytes "B", name, tag##_##bytes)

#define INTERMUT(bytes)                                                                                            \
    typedef im_atomic(struct record_##bytes) atomic_##bytes;                                                       \
    typedef im_atomic_with_lock(struct record_##bytes) locked_##bytes;                                             \
    RECORD_ROWS("record", #bytes "B", "plain memory", plain_##bytes, struct record_##bytes, struct record_##bytes, \
                PLAIN_LOAD, PLAIN_STORE)                                                                           \
    CONTENDER(bytes, "intermut", im, const atomic_##bytes, im_atomic_load, im_atomic_store)                        \
    CONTENDER(bytes, "intermut (own lock)", own, const locked_##bytes, im_atomic_load, im_atomic_store)            \
    VALUE_LOOP(into_##bytes##_load, struct record_##bytes, const atomic_##bytes, VALUE_IN_MEMORY,                  \
               im_atomic_load_into(object, &value))                                                                \
    BENCH("record/load/" #bytes "B", "intermut, load_into", into_##bytes##_load, seqlock_new, free)

INTERMUT(16)
INTERMUT(24)
INTERMUT(64)
INTERMUT(256)

#ifdef BENCH_LIBATOMIC
CONTENDER(16, "C11 _Atomic", c11, _Atomic struct record_16, C11_LOAD, C11_STORE)
CONTENDER(24, "C11 _Atomic", c11, _Atomic struct record_24, C11_LOAD, C11_STORE)
CONTENDER(64, "C11 _Atomic", c11, _Atomic struct record_64, C11_LOAD, C11_STORE)
CONTENDER(256, "C11 _Atomic", c11, _Atomic struct record_256, C11_LOAD, C11_STORE)
#endif
