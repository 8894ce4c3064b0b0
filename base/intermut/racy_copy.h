/* SPDX-License-Identifier: MIT */
/**
 * @file racy_copy.h
 * Copying bytes that other threads may be writing or reading at the same time, without a data race.
 *
 * memcpy on such bytes is undefined behaviour. These two move them by relaxed atomic words instead, or, where the CPU
 * has them, by 16-byte vector moves that the compiler cannot see into. What arrives may be a mix of several writes;
 * it is for the caller (a sequence counter, a lock) to find out whether it is whole.
 *
 * Never torn: an aligned word of 1, 2, 4 or 8 bytes that lies inside the range, on the shared side. All other bytes
 * arrive in any mixture. Nothing is ordered: put acquire and release around it.
 *
 * Any length, any alignment. The private side must not overlap the shared one. The `_aligned` forms
 * know the alignment of the shared side, and are for callers that find out whether all is whole: with 8, they do not
 * promise whole words.
 * Source: H.-J. Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012.
 */
#ifndef INTERMUT_RACY_COPY_H
#define INTERMUT_RACY_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <intermut/sync.h>

/*
 * The vector move is outside the C memory model: sanitizers and the model tests could not follow it (IM_RACY_COPY_WORDS
 * keeps it out of other builds too).
 * x86-64: an aligned 16-byte SSE move is one access or two of 8 bytes, never less (Intel SDM 3A 9.1.1, AMD APM 2
 * 7.3.2).
 */
#if defined(__x86_64__) && defined(__SSE2__) && !defined(IM_RACY_COPY_WORDS) && !defined(IM_SYNC_HEADER) && \
    !IM_THREAD_SANITIZER && !IM_ADDRESS_SANITIZER
#define IM_RACY_COPY_VECTOR 1
#else
#define IM_RACY_COPY_VECTOR 0
#endif

typedef uint16_t IM_MAY_ALIAS im__racy_2;
typedef uint32_t IM_MAY_ALIAS im__racy_4;
typedef uint64_t IM_MAY_ALIAS im__racy_8;

/* The private side may have padding that nobody has written: it is moved along, and means nothing. */
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

enum im__racy_side { IM__RACY_FROM, IM__RACY_TO };

/** Move one word of `bytes` (1, 2, 4, 8; a constant), aligned on its shared side. */
IM_INLINE void im__racy_move_word(unsigned char *to, const unsigned char *from, size_t bytes, enum im__racy_side shared)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (bytes + (shared == IM__RACY_FROM ? 0 : 16)) {
    case 1:
        *to = im_sync_load(from, memory_order_relaxed);
        break;
    case 2:
        two = im_sync_load((const im__racy_2 *)(const void *)from, memory_order_relaxed);
        memcpy(to, &two, sizeof two);
        break;
    case 4:
        four = im_sync_load((const im__racy_4 *)(const void *)from, memory_order_relaxed);
        memcpy(to, &four, sizeof four);
        break;
    case 8:
        eight = im_sync_load((const im__racy_8 *)(const void *)from, memory_order_relaxed);
        memcpy(to, &eight, sizeof eight);
        break;
    case 17:
        one = *from;
        im_sync_store(to, one, memory_order_relaxed);
        break;
    case 18:
        memcpy(&two, from, sizeof two);
        im_sync_store((im__racy_2 *)(void *)to, two, memory_order_relaxed);
        break;
    case 20:
        memcpy(&four, from, sizeof four);
        im_sync_store((im__racy_4 *)(void *)to, four, memory_order_relaxed);
        break;
    default:
        memcpy(&eight, from, sizeof eight);
        im_sync_store((im__racy_8 *)(void *)to, eight, memory_order_relaxed);
        break;
    }
}

#if IM_RACY_COPY_VECTOR
typedef long long im__racy_16 __attribute__((vector_size(16), may_alias));
typedef long long im__racy_16_unaligned __attribute__((vector_size(16), may_alias, aligned(1)));

/** Move 16 bytes, aligned on their shared side; to 8 only where it does not matter that they come in two halves. */
IM_INLINE void im__racy_move_vector(unsigned char *to, const unsigned char *from, bool is_aligned,
                                    enum im__racy_side shared)
{
    im__racy_16 vector;
    if (!is_aligned && shared == IM__RACY_FROM) {
        __asm__ __volatile__(IM_X86_MOVE("movdqu", "%1", "%0")
                             : "=x"(vector)
                             : "m"(*(const im__racy_16_unaligned *)(const void *)from));
        *(im__racy_16_unaligned *)(void *)to = vector;
    } else if (!is_aligned) {
        vector = *(const im__racy_16_unaligned *)(const void *)from;
        __asm__ __volatile__(IM_X86_MOVE("movdqu", "%1", "%0")
                             : "=m"(*(im__racy_16_unaligned *)(void *)to)
                             : "x"(vector));
    } else if (shared == IM__RACY_FROM) {
        __asm__ __volatile__(IM_X86_MOVE("movdqa", "%1", "%0")
                             : "=x"(vector)
                             : "m"(*(const im__racy_16 *)(const void *)from));
        *(im__racy_16_unaligned *)(void *)to = vector;
    } else {
        vector = *(const im__racy_16_unaligned *)(const void *)from;
        __asm__ __volatile__(IM_X86_MOVE("movdqa", "%1", "%0") : "=m"(*(im__racy_16 *)(void *)to) : "x"(vector));
    }
}

/* The same for four, from one address: compilers keep each address that they give to an asm in a register. */
typedef struct {
    im__racy_16 vector[4];
} IM_MAY_ALIAS im__racy_64;
typedef struct {
    im__racy_16_unaligned vector[4];
} IM_MAY_ALIAS im__racy_64_unaligned;

#define IM__RACY_OUT(move, at, to) move " {" at "(%4), " to "|" to ", [%4 + " at "]}\n\t"
#define IM__RACY_IN(move, from, at) move " {" from ", " at "(%1)|[%1 + " at "], " from "}\n\t"
#define IM__RACY_OUT_64(move, Line, from, v)                                                                         \
    __asm__ __volatile__(IM__RACY_OUT(move, "0", "%0") IM__RACY_OUT(move, "16", "%1") IM__RACY_OUT(move, "32", "%2") \
                             IM__RACY_OUT(move, "48", "%3")                                                          \
                         : "=&x"((v)[0]), "=&x"((v)[1]), "=&x"((v)[2]), "=&x"((v)[3])                                \
                         : "r"(from), "m"(*(const Line *)(const void *)(from)))
#define IM__RACY_IN_64(move, Line, to, v)                                                                         \
    __asm__ __volatile__(IM__RACY_IN(move, "%2", "0") IM__RACY_IN(move, "%3", "16") IM__RACY_IN(move, "%4", "32") \
                             IM__RACY_IN(move, "%5", "48")                                                        \
                         : "=m"(*(Line *)(void *)(to))                                                            \
                         : "r"(to), "x"((v)[0]), "x"((v)[1]), "x"((v)[2]), "x"((v)[3]))

IM_INLINE void im__racy_move_4_vectors(unsigned char *to, const unsigned char *from, bool is_aligned,
                                       enum im__racy_side shared)
{
    im__racy_16 vector[4];
    if (shared == IM__RACY_FROM) {
        if (is_aligned)
            IM__RACY_OUT_64("movdqa", im__racy_64, from, vector);
        else
            IM__RACY_OUT_64("movdqu", im__racy_64_unaligned, from, vector);
        memcpy(to, vector, sizeof vector);
    } else {
        memcpy(vector, from, sizeof vector);
        if (is_aligned)
            IM__RACY_IN_64("movdqa", im__racy_64, to, vector);
        else
            IM__RACY_IN_64("movdqu", im__racy_64_unaligned, to, vector);
    }
}

/* As many vectors of the `bytes` bytes from `start` on as there are, four at most. */
IM_INLINE void im__racy_move_vectors(unsigned char *to, const unsigned char *from, size_t start, size_t bytes,
                                     bool is_aligned, enum im__racy_side shared)
{
    if (start + 64 <= bytes) {
        im__racy_move_4_vectors(to + start, from + start, is_aligned, shared);
        return;
    }
    if (start + 16 <= bytes)
        im__racy_move_vector(to + start, from + start, is_aligned, shared);
    if (start + 32 <= bytes)
        im__racy_move_vector(to + start + 16, from + start + 16, is_aligned, shared);
    if (start + 48 <= bytes)
        im__racy_move_vector(to + start + 32, from + start + 32, is_aligned, shared);
}

/*
 * Sizes up to this, where they are constants, become straight moves without a loop: so that a compiler, which looks for
 * loops to unroll after it has decided what lives in memory, can keep a private copy in registers. 16 of them.
 */
#define IM__RACY_STRAIGHT_BYTES 256

/* All vectors that are in `bytes` bytes; how many bytes that is. */
IM_INLINE size_t im__racy_move_all_vectors(unsigned char *to, const unsigned char *from, size_t bytes, bool is_aligned,
                                           enum im__racy_side shared)
{
    if (__builtin_constant_p(bytes) && bytes <= IM__RACY_STRAIGHT_BYTES) {
        im__racy_move_vectors(to, from, 0, bytes, is_aligned, shared);
        im__racy_move_vectors(to, from, 64, bytes, is_aligned, shared);
        im__racy_move_vectors(to, from, 128, bytes, is_aligned, shared);
        im__racy_move_vectors(to, from, 192, bytes, is_aligned, shared);
    } else {
        size_t done = 0;
        for (; done + 64 <= bytes; done += 64)
            im__racy_move_4_vectors(to + done, from + done, is_aligned, shared);
        im__racy_move_vectors(to, from, done, bytes, is_aligned, shared);
    }
    return bytes / 16 * 16;
}
#endif

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

/* `alignment`, a constant power of two, is what is known of the shared side. */
IM_INLINE void im__racy_copy(void *to_start, const void *from_start, size_t bytes, size_t alignment,
                             enum im__racy_side shared)
{
    unsigned char *to = to_start;
    const unsigned char *from = from_start;
    uintptr_t address = shared == IM__RACY_FROM ? (uintptr_t)from : (uintptr_t)to;

    /* Up to an aligned address, by the largest words that fit: a larger step would tear a word that lies inside. */
    for (size_t step = alignment; step <= 8 && alignment < 8; step *= 2) {
        if ((address & step) && bytes >= step) {
            im__racy_move_word(to, from, step, shared);
            to += step, from += step, address += step, bytes -= step;
        }
    }
#if IM_RACY_COPY_VECTOR
    size_t done = im__racy_move_all_vectors(to, from, bytes, alignment != 8, shared);
    if (bytes & 8) {
        im__racy_move_word(to + done, from + done, 8, shared);
        done += 8;
    }
#else
    size_t done = 0;
    for (; done + 8 <= bytes; done += 8)
        im__racy_move_word(to + done, from + done, 8, shared);
#endif
    if (bytes & 4) {
        im__racy_move_word(to + done, from + done, 4, shared);
        done += 4;
    }
    if (bytes & 2) {
        im__racy_move_word(to + done, from + done, 2, shared);
        done += 2;
    }
    if (bytes & 1)
        im__racy_move_word(to + done, from + done, 1, shared);
}

/** Copy `bytes` bytes out of shared memory that may change meanwhile. `to` is private. */
static inline void im_racy_load(void *to, const void *shared, size_t bytes)
{
    im__racy_copy(to, shared, bytes, 1, IM__RACY_FROM);
}

/** Copy `bytes` bytes into shared memory that others may read or write meanwhile. `from` is private. */
static inline void im_racy_store(void *shared, const void *from, size_t bytes)
{
    im__racy_copy(shared, from, bytes, 1, IM__RACY_TO);
}

/**
 * The same for shared memory that is aligned to `alignment`, a constant 8 or 16: no look at the address, and with a
 * constant size no loop.
 */
IM_INLINE void im_racy_load_aligned(void *to, const void *shared, size_t bytes, size_t alignment)
{
    im__racy_copy(to, shared, bytes, alignment, IM__RACY_FROM);
}

/** The same for shared memory that is aligned to `alignment`, a constant 8 or 16. */
IM_INLINE void im_racy_store_aligned(void *shared, const void *from, size_t bytes, size_t alignment)
{
    im__racy_copy(shared, from, bytes, alignment, IM__RACY_TO);
}

#endif
