/* SPDX-License-Identifier: MIT */
/* Seqlocks against the plain copy, which is the limit. Writers exclude each other, but for the single form. */
#include "seqlock.h"

#include <intermut/seqlock.h>

#define PLAIN_LOAD(object) (*(object))
#define PLAIN_STORE(object, value) (*(object) = (value))

#define ROWS(bytes)                                                                                                   \
    typedef im_seqlock(struct record_##bytes) seqlock_##bytes;                                                        \
    typedef im_single_seqlock(struct record_##bytes) single_##bytes;                                                  \
    SEQLOCK_ROWS(#bytes "B", "plain memory", plain_##bytes, struct record_##bytes, struct record_##bytes, PLAIN_LOAD, \
                 PLAIN_STORE)                                                                                         \
    SEQLOCK_ROWS(#bytes "B", "intermut", many_##bytes, struct record_##bytes, const seqlock_##bytes, im_seqlock_load, \
                 im_seqlock_store)                                                                                    \
    VALUE_LOOP(into_##bytes##_load, struct record_##bytes, const seqlock_##bytes, VALUE_IN_MEMORY,                    \
               im_seqlock_load_into(object, &value))                                                                  \
    BENCH("seqlock/load/" #bytes "B", "intermut, load_into", into_##bytes##_load, seqlock_new, free)                  \
    SEQLOCK_ROWS(#bytes "B", "intermut (one writer)", single_##bytes, struct record_##bytes, const single_##bytes,    \
                 im_seqlock_load, im_seqlock_store)

ROWS(16)
ROWS(24)
ROWS(64)
ROWS(256)

SEQLOCK_SHARED_ROWS("intermut", many_64, struct record_64, const seqlock_64, im_seqlock_store)
SEQLOCK_SHARED_ROWS("intermut, load_into", into_64, struct record_64, const seqlock_64, im_seqlock_store)
SEQLOCK_SHARED_ROWS("intermut (one writer)", single_64, struct record_64, const single_64, im_seqlock_store)
BENCH("seqlock/load/64B/4t", "plain memory", plain_64_load, seqlock_new, free)
