/* SPDX-License-Identifier: MIT */
/**
 * @file latch.h
 * A value that a reader may copy although it interrupts the writer: in a signal handler, at another priority.
 *
 * Use it where a load must never wait for the store that it interrupted: a profiler's clock, the state that a crash
 * handler reports. Elsewhere an im_seqlock takes half the memory, and stores half as much.
 *
 *     typedef im_latch(struct progress) progress_latch;
 *
 *     static progress_latch progress;
 *
 *     im_latch_store(&progress, now);                       // one writer at a time
 *     struct progress seen = im_latch_load(&progress);      // anywhere, in a signal handler too
 *
 * It holds the value twice; one of the two is always whole (<intermut/seqcount.h> has the algorithm). Any T, as in
 * <intermut/seqlock.h>. A zeroed latch holds a zeroed T.
 *
 * One writer at a time, which the caller sees to; with -DIM_CHECKED=1 a second one meanwhile is a panic. A store is wait-free. A load is async-signal-safe; it needs one try
 * where the writer cannot run meanwhile, and is lock-free otherwise: it goes around again after two stores.
 * Order: a load acquires what the store released whose value it returns.
 * Source: the kernel's seqcount_latch.
 */
#ifndef INTERMUT_LATCH_H
#define INTERMUT_LATCH_H

#include <intermut/seqlock.h>

/** A T in two copies. Name the type once: `typedef im_latch(T) name;`. */
#define im_latch(T)                                                               \
    struct {                                                                      \
        struct im_seqcount im_count;                                              \
        IM__SEQLOCK_T(T) im_value __attribute__((aligned(IM__SEQLOCK_ALIGN(T)))); \
        __typeof__(T) im_other __attribute__((aligned(IM__SEQLOCK_ALIGN(T))));    \
        IM_TAGS(latch, T);                                                        \
    }

/** Static initialiser; the argument initialises the T. */
#define IM_LATCH_INIT(...)      \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T: a copy of the value. Shared. Async-signal-safe. */
#define im_latch_load(self) \
    (IM__LATCH_CHECK(self, "latch: load needs an im_latch"), \
     im__latch_load(IM_REACH(self, IM_PLACE(#self)), IM_UNIQUE(from), IM_UNIQUE(copy)))

/** Replace the value: `im_latch_store(self, value)`. Shared, but one writer at a time. Wait-free. */
#define im_latch_store(self, ...)                             \
    (IM__LATCH_CHECK(self, "latch: store needs an im_latch"), \
     im__latch_store(self, (__VA_ARGS__), IM_UNIQUE(to), IM_UNIQUE(new), IM_PLACE(#self)))

/** T *: the value itself, for plain access. Exclusive. */
#define im_latch_get_mut(self)                                  \
    (IM__LATCH_CHECK(self, "latch: get_mut needs an im_latch"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "latch: get_mut needs an exclusive (non-const) pointer"), &(self)->im_value)

/** T: the value of a latch that ends here. Exclusive. */
#define im_latch_into_inner(self)                                  \
    (IM__LATCH_CHECK(self, "latch: into_inner needs an im_latch"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "latch: into_inner needs an exclusive (non-const) pointer"), (self)->im_value)

/** Copy `bytes` from the one of two copies that is whole to the private `to`. */
IM_INLINE void im_raw_latch_load(const struct im_seqcount *count, void *to, const void *first, const void *second,
                                 size_t bytes, size_t alignment)
{
    uint64_t read;
    do {
        read = im_seqcount_latch_read_begin(count);
        im_racy_load_aligned(to, im_seqcount_latch_index(read) ? second : first, bytes, alignment);
    } while (IM_UNLIKELY(im_seqcount_latch_read_retry(count, read)));
}

/**
 * Replace both copies, one after the other. At rest readers are at the first one, so the second may be out of date:
 * after the initialiser, or after get_mut.
 */
IM_INLINE void im_raw_latch_store(const struct im_seqcount *count, void *first, void *second, const void *from,
                                  size_t bytes, size_t alignment, const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_write_begins(count, "store", place);
    im_racy_store_aligned(second, from, bytes, alignment);
    im_seqcount_latch_flip(count);
    im_racy_store_aligned(first, from, bytes, alignment);
    im_seqcount_latch_flip(count);
    if (IM_CHECKED)
        im_checked_released(count, count, place);
}

#define IM__LATCH_CHECK(self, sentence) IM_REQUIRE_KIND(self, latch, sentence)

#define im__latch_load(self, from, copy)                                                         \
    ({                                                                                           \
        const __typeof__(*(self)) *from = (self);                                                \
        IM_TYPE(from) copy;                                                                      \
        im_raw_latch_load(&from->im_count, &copy, &from->im_value, &from->im_other, sizeof copy, \
                          IM__SEQLOCK_ALIGNED(from));                                            \
        copy;                                                                                    \
    })

#define im__latch_store(self, value, to, new, place)                                                                  \
    ({                                                                                                                \
        const __typeof__(*(self)) *to = (self);                                                                       \
        IM__SEQLOCK_INSPECT(to, place);                                                                               \
        const IM_TYPE(to) new = value;                                                                                \
        im_raw_latch_store(&to->im_count, im_unsafe_cell_get(to), im_unsafe_unconst(&to->im_other), &new, sizeof new, \
                           IM__SEQLOCK_ALIGNED(to), place);                                                           \
    })

#endif
