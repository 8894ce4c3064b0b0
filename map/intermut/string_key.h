/* SPDX-License-Identifier: MIT */
/**
 * @file string_key.h
 * Strings as keys of a map: the map owns a copy of each, and is searched with a slice of anything.
 *
 *     #define IM_MAP_NAME word_map
 *     #define IM_MAP_STRING_KEY
 *     #define IM_MAP_VALUE int
 *     #include <intermut/map.h>
 *
 *     word_map_insert(&map, im_slice_of("hello"), 1);
 *     word_map_contains(&map, (struct im_slice){text, 5});
 *
 * Two strings are the same key if they have the same bytes; IM_MAP_EQ(a, b), of two slices, says otherwise, together with
 * IM_MAP_HASH(query, seed): names in upper and lower case, say.
 *
 * Any bytes, NUL included, any length, zero included. Strings of up to 16 bytes lie inside the table, without an
 * allocation.
 */
#ifndef INTERMUT_STRING_KEY_H
#define INTERMUT_STRING_KEY_H

#include <errno.h>
#include <string.h>

#include <intermut/allocator.h>
#include <intermut/traits.h>

/** Bytes that somebody else owns. A zeroed one is empty. */
struct im_slice {
    const char *bytes;
    size_t length; /**< bytes */
};

/** The slice of a C string, without its NUL. */
static inline struct im_slice im_slice_of(const char *string)
{
    return (struct im_slice){string, strlen(string)};
}

static inline uint64_t im__slice_word(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static inline bool im_slice_equal(struct im_slice a, struct im_slice b)
{
    if (a.length != b.length)
        return false;
    /* Most keys are short, and a call of memcmp costs more than two words that overlap. */
    if (a.length >= 8 && a.length <= 16)
        return im__slice_word(a.bytes) == im__slice_word(b.bytes) &&
               im__slice_word(a.bytes + a.length - 8) == im__slice_word(b.bytes + b.length - 8);
    if (a.length < 8) {
        for (size_t i = 0; i < a.length; i++) {
            if (a.bytes[i] != b.bytes[i])
                return false;
        }
        return true;
    }
    return memcmp(a.bytes, b.bytes, a.length) == 0;
}

enum { IM_STRING_INLINE_BYTES = 16 };

/** A string that owns its bytes. A zeroed one is empty. It may be moved by its bytes. */
typedef struct im_string {
    size_t length; /**< bytes */
    union {
        char inline_bytes[IM_STRING_INLINE_BYTES]; /**< up to that length */
        char *heap_bytes;                          /**< beyond */
    };
} im_string;
IM_FREEZE(im_string);

static inline bool im_string_is_inline(const im_string *string)
{
    return string->length <= IM_STRING_INLINE_BYTES;
}

/** The bytes of a string; valid as long as the string stays where it is. */
static inline struct im_slice im_string_slice(const im_string *string)
{
    return (struct im_slice){im_string_is_inline(string) ? string->inline_bytes : string->heap_bytes, string->length};
}

/**
 * Make *string a copy of `slice`. 0, or ENOMEM with *string unchanged. Ended by im_string_drop() with the same
 * allocator.
 */
static inline int im_string_own(im_string *string, struct im_slice slice, const struct im_allocator *allocator)
{
    im_string copy = {.length = slice.length};
    char *bytes = copy.inline_bytes;
    if (!im_string_is_inline(&copy)) {
        bytes = im_allocate(allocator, slice.length, 1);
        if (!bytes)
            return ENOMEM;
        copy.heap_bytes = bytes;
    }
    if (slice.length)
        memcpy(bytes, slice.bytes, slice.length);
    *string = copy;
    return 0;
}

static inline void im_string_drop(im_string *string, const struct im_allocator *allocator)
{
    if (!im_string_is_inline(string))
        im_release(allocator, string->heap_bytes, string->length);
}

#endif
