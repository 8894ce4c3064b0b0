/* SPDX-License-Identifier: MIT */
/* ck_sequence: one writer, a 32-bit sequence, and the copy is the user's: here a plain one, which is a race. */
#include "seqlock.h"

#include <ck_sequence.h>

#define ROWS(bytes)                                                                                                 \
    struct ck_##bytes {                                                                                             \
        struct ck_sequence sequence;                                                                                \
        struct record_##bytes value;                                                                                \
    };                                                                                                              \
    static inline struct record_##bytes ck_##bytes##_get(const struct ck_##bytes *object)                           \
    {                                                                                                               \
        struct record_##bytes copy;                                                                                 \
        unsigned version;                                                                                           \
        do {                                                                                                        \
            version = ck_sequence_read_begin(&object->sequence);                                                    \
            copy = object->value;                                                                                   \
        } while (ck_sequence_read_retry(&object->sequence, version));                                               \
        return copy;                                                                                                \
    }                                                                                                               \
    static inline void ck_##bytes##_set(struct ck_##bytes *object, struct record_##bytes value)                     \
    {                                                                                                               \
        ck_sequence_write_begin(&object->sequence);                                                                 \
        object->value = value;                                                                                      \
        ck_sequence_write_end(&object->sequence);                                                                   \
    }                                                                                                               \
    SEQLOCK_ROWS(#bytes "B", "ck_sequence", ck_##bytes, struct record_##bytes, struct ck_##bytes, ck_##bytes##_get, \
                 ck_##bytes##_set)                                                                                  \
    RECORD_ROWS("record", #bytes "B", "ck_sequence", ck_record_##bytes, struct record_##bytes, struct ck_##bytes,   \
                ck_##bytes##_get, ck_##bytes##_set)                                                                 \
    RECORD_WRITERS(ck_record_##bytes, struct record_##bytes, struct ck_##bytes, ck_##bytes##_set)                   \
    RECORD_SHARED_ROWS("record", #bytes "B", "ck_sequence", ck_record_##bytes)

ROWS(16)
ROWS(24)
ROWS(64)
ROWS(256)
SEQLOCK_SHARED_ROWS("ck_sequence", ck_64, struct record_64, struct ck_64, ck_64_set)
