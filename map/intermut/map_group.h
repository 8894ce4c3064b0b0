/* SPDX-License-Identifier: MIT */
/**
 * @file map_group.h
 * Sixteen control bytes of a map's table at a time: which of its slots may hold a key, and whether the search ends
 * here.
 *
 * For <intermut/map.h>. A control byte is seven bits of the hash for a slot in use, or one of the marks below.
 * Sixteen of them are two 8-byte atomic words, and are only ever accessed as those, or by moves that the compiler
 * cannot see into, so that readers race with nobody; from there on they are compared in one SSE2 register, or as two
 * words in portable C (IM_MAP_PORTABLE_GROUPS forces that one). Source: the groups of abseil's SwissTable and of
 * Rust's hashbrown.
 */
#ifndef INTERMUT_MAP_GROUP_H
#define INTERMUT_MAP_GROUP_H

#include <intermut/sync.h>

#if defined(__SSE2__) && !defined(IM_MAP_PORTABLE_GROUPS)
#define IM_MAP_SSE2_GROUPS 1
#include <emmintrin.h>
#else
#define IM_MAP_SSE2_GROUPS 0
#endif

/*
 * Both words at once, by a vector move that the compiler cannot see into: on x86-64 an aligned one is one access or two
 * of 8 bytes, never less (Intel SDM 3A 9.1.1, AMD APM 2 7.3.2), and no load or store passes an earlier load. Sanitizers
 * and the model tests could not follow it: they see two atomic words.
 */
#if IM_MAP_SSE2_GROUPS && defined(__x86_64__) && !defined(IM_SYNC_HEADER) && !IM_THREAD_SANITIZER && \
    !IM_ADDRESS_SANITIZER
#define IM_MAP_VECTOR_LOAD 1
#else
#define IM_MAP_VECTOR_LOAD 0
#endif

enum {
    IM_MAP_GROUP_SLOTS = 16,
    IM_MAP_GROUP_WORDS = 2,
    IM_MAP_WORD_SLOTS = 8,
};

/*
 * The marks. A byte in use has its top bit clear; only IM_MAP_EMPTY has the two top bits set, which is what the
 * portable search for it tests.
 */
enum {
    IM_MAP_EMPTY = 0xff,   /* never held a key that was searched past: a search ends here */
    IM_MAP_DELETED = 0x80, /* free, but searches go on behind it */
    IM_MAP_RETIRED = 0x81, /* its key is gone, but a reader may still look at it: not to be reused yet */
};

/* A copy of one group's control bytes. */
struct im_map_group {
#if IM_MAP_SSE2_GROUPS
    __m128i bytes;
#else
    uint64_t words[IM_MAP_GROUP_WORDS];
#endif
};

/*
 * Read the control bytes of the group that starts at `words`.
 *
 * Order: acquire; pairs with the releases in im_map_publish() and map_internal.h's set_control(), so that a slot whose byte
 * is seen in use is seen filled.
 */
static inline struct im_map_group im_map_group_load(const uint64_t *words)
{
#if IM_MAP_VECTOR_LOAD
    __m128i bytes;
    __asm__ __volatile__(IM_X86_MOVE("movdqa", "%1", "%0")
                         : "=x"(bytes)
                         : "m"(*(const __m128i *)(const void *)words)
                         : "memory");
    return (struct im_map_group){bytes};
#else
    uint64_t low = im_sync_load(&words[0], memory_order_acquire);
    uint64_t high = im_sync_load(&words[1], memory_order_acquire);
#if IM_MAP_SSE2_GROUPS
    return (struct im_map_group){_mm_set_epi64x((long long)high, (long long)low)};
#else
    return (struct im_map_group){{low, high}};
#endif
#endif
}

/* The number of the lowest bit of a mask that has one. */
static inline size_t im_map_lowest(unsigned mask)
{
#if defined(__x86_64__)
    /* Which is tzcnt, where the machine has that. __builtin_ctz() gives an int, which gcc makes a size_t by one more. */
    size_t lowest;
    __asm__(IM_X86_MOVE("rep bsf", "%1", "%k0") : "=r"(lowest) : "r"(mask) : "cc");
    return lowest;
#else
    return (unsigned)__builtin_ctz(mask);
#endif
}

#if !IM_MAP_SSE2_GROUPS
#define IM__MAP_LOW_BITS UINT64_C(0x0101010101010101)
#define IM__MAP_TOP_BITS UINT64_C(0x8080808080808080)

/* The top bits of eight bytes, as the eight low bits of a number. */
static inline unsigned im__map_word_mask(uint64_t top_bits)
{
    return (unsigned)(((top_bits >> 7) * UINT64_C(0x0102040810204080)) >> 56);
}

/* Bytes equal to `byte`; now and then also one above such a byte that differs in its lowest bit. */
static inline unsigned im__map_word_match(uint64_t word, uint8_t byte)
{
    uint64_t zero_where_equal = word ^ (byte * IM__MAP_LOW_BITS);
    return im__map_word_mask((zero_where_equal - IM__MAP_LOW_BITS) & ~zero_where_equal & IM__MAP_TOP_BITS);
}

/* Of the bytes with the top bit, the retired one is the only one with bit 0 and without bit 6. */
static inline unsigned im__map_word_match_free(uint64_t word)
{
    return im__map_word_mask(word & (word << 1 | ~(word << 7)) & IM__MAP_TOP_BITS);
}

static inline unsigned im__map_word_match_empty(uint64_t word)
{
    return im__map_word_mask(word & (word << 1) & IM__MAP_TOP_BITS);
}
#endif

/*
 * The slots whose byte is `byte`, one of the 128 hash values: bit n for slot n. The portable form may set bits of
 * further slots in use: who compares the keys does not mind.
 */
static inline unsigned im_map_group_match(struct im_map_group group, uint8_t byte)
{
#if IM_MAP_SSE2_GROUPS
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(group.bytes, _mm_set1_epi8((char)byte)));
#else
    return im__map_word_match(group.words[0], byte) | im__map_word_match(group.words[1], byte) << IM_MAP_WORD_SLOTS;
#endif
}

/* The slots that may be filled, empty or deleted: bit n for slot n. */
static inline unsigned im_map_group_match_free(struct im_map_group group)
{
#if IM_MAP_SSE2_GROUPS
    unsigned retired = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(group.bytes, _mm_set1_epi8((char)IM_MAP_RETIRED)));
    return (unsigned)_mm_movemask_epi8(group.bytes) & ~retired;
#else
    return im__map_word_match_free(group.words[0]) | im__map_word_match_free(group.words[1]) << IM_MAP_WORD_SLOTS;
#endif
}

/* The empty slots: bit n for slot n. */
static inline unsigned im_map_group_match_empty(struct im_map_group group)
{
#if IM_MAP_SSE2_GROUPS
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(group.bytes, _mm_set1_epi8((char)IM_MAP_EMPTY)));
#else
    return im__map_word_match_empty(group.words[0]) | im__map_word_match_empty(group.words[1]) << IM_MAP_WORD_SLOTS;
#endif
}

#endif
