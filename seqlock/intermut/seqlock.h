/* SPDX-License-Identifier: MIT */
/**
 * @file seqlock.h
 * A value of any size that is read far more than written: readers copy it without ever writing to memory.
 *
 * Use it for a clock, a market quote, a statistics record: plain data (T is Copy) of up to some hundred bytes. Not for
 * values that own memory, since readers copy bytes that are being replaced, and not when a reader needs a pointer into
 * the value.
 *
 *     typedef im_seqlock(struct quote) quote_cell;
 *
 *     static quote_cell best = IM_SEQLOCK_INIT({0});
 *
 *     im_seqlock_store(&best, quote);              // any writer
 *     struct quote now = im_seqlock_load(&best);   // any reader
 *
 * Two types, with the same operations:
 *
 *     im_seqlock(T)          writers exclude each other; a load waits for at most one write of each writer
 *     im_single_seqlock(T)   one writer at a time, which the caller sees to; a store never waits and needs no
 *                            read-modify-write; a load may have to wait as long as the writer does not pause.
 *                            With -DIM_CHECKED=1 a second writer meanwhile is a panic that names both places
 *
 * Any T: 1 to 4096 bytes and more, over-aligned, padded, struct or union; an array goes into a struct. Zeroed is valid.
 * Cost: a load is the copy plus two loads of one cache line that only writers write. Size: 16 bytes more than T, which
 * is aligned to 16 bytes (to 8 when smaller than that).
 *
 * A reader that is suspended, for however long, disturbs no writer, but for the moments in which an im_seqlock's reader
 * holds writers off after so many tries in vain: those wait until it goes on.
 *
 * Not in a signal handler that may interrupt a write of the same thread (the load would wait for itself: try_load says
 * no instead, a latch says yes: <intermut/latch.h>), and not inside an update of the same seqlock; with -DIM_CHECKED=1
 * the latter is a panic.
 *
 * Order: a load acquires what the store released whose value it returns; stores of an im_seqlock follow each other.
 *
 * How it works. <intermut/seqcount.h> has the counter, and why a copy between two equal even sequences is whole. The
 * writers of an im_seqlock take the odd sequence by compare-exchange, with backoff. A reader tries IM_SEQLOCK_TRIES
 * times, a short pause apart, since a writer is at work for some nanoseconds; then it backs off, and takes the write
 * side in the way that costs the others least: it counts itself in `waiting`, and no writer begins while that is not 0.
 * Each writer may begin once more that has looked before; then there is none, and the copy succeeds, together with
 * those of other waiting readers. So a writer that never stops cannot starve a reader; and readers cannot starve
 * writers, since who comes while none writes succeeds at once and does not wait. `waiting` orders nothing: all its
 * accesses are relaxed, and whether a copy is whole is still for the sequence to say.
 * Source: H.-J. Boehm, "Can seqlocks get along with programming language memory models?", MSPC 2012; crossbeam's
 * AtomicCell and SeqLock (abort).
 */
#ifndef INTERMUT_SEQLOCK_H
#define INTERMUT_SEQLOCK_H

#include <intermut/backoff.h>
#include <intermut/seqcount.h>

/** A T that many threads read and many may write. Name the type once: `typedef im_seqlock(T) name;`. */
#define im_seqlock(T)                                                             \
    struct {                                                                      \
        struct im_raw_seqlock im_lock;                                            \
        IM__SEQLOCK_T(T) im_value __attribute__((aligned(IM__SEQLOCK_ALIGN(T)))); \
        IM_TAGS(seqlock, T);                                                      \
    }

/** The same for one writer at a time. */
#define im_single_seqlock(T)                                                      \
    struct {                                                                      \
        struct im_raw_seqlock im_lock;                                            \
        IM__SEQLOCK_T(T) im_value __attribute__((aligned(IM__SEQLOCK_ALIGN(T)))); \
        IM_TAGS(single_seqlock, T);                                               \
    }

/** Static initialiser of both; the argument initialises the T: `IM_SEQLOCK_INIT(3)`, `IM_SEQLOCK_INIT({1, 2})`. */
#define IM_SEQLOCK_INIT(...)    \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T: a copy of the value. Shared. */
#define im_seqlock_load(self)                                      \
    (IM__SEQLOCK_CHECK(self, "seqlock: load needs an im_seqlock"), \
     im__seqlock_load(self, IM_UNIQUE(from), IM_UNIQUE(copy), IM_PLACE(#self)))

/**
 * The same into *copy, a T *: `im_seqlock_load_into(&best, &now)`. Shared. While it runs *copy may have anything.
 *
 * For a T of more than some 256 bytes: it is copied once, straight to where it is wanted, where compilers copy what the
 * form above gives twice. On x86-64 smaller ones go through registers in both forms.
 */
#define im_seqlock_load_into(self, copy)                                                                   \
    (IM__SEQLOCK_CHECK(self, "seqlock: load_into needs an im_seqlock"),                                    \
     IM_REQUIRE_SAME_TYPE(__typeof__(copy), IM_TYPE(self) *, "seqlock: load_into needs a pointer to a T"), \
     im__seqlock_load_into(self, copy, IM_UNIQUE(from), IM_UNIQUE(to), IM_PLACE(#self)))

/**
 * bool: whether the value was copied to *copy, a T *: `im_seqlock_try_load(&best, &now)`. Shared. Wait-free.
 * One try; false, with *copy untouched, when a write came between.
 */
#define im_seqlock_try_load(self, copy)                                                                   \
    (IM__SEQLOCK_CHECK(self, "seqlock: try_load needs an im_seqlock"),                                    \
     IM_REQUIRE_SAME_TYPE(__typeof__(copy), IM_TYPE(self) *, "seqlock: try_load needs a pointer to a T"), \
     im__seqlock_try_load(IM_REACH(self, IM_PLACE(#self)), copy, IM_UNIQUE(from), IM_UNIQUE(to), IM_UNIQUE(tried), IM_UNIQUE(done)))

/** Replace the value: `im_seqlock_store(self, value)`. Shared. The new value is computed first: it may read the old. */
#define im_seqlock_store(self, ...)                                 \
    (IM__SEQLOCK_CHECK(self, "seqlock: store needs an im_seqlock"), \
     im__seqlock_store(self, (__VA_ARGS__), IM_UNIQUE(to), IM_UNIQUE(new), IM_UNIQUE(write), IM_PLACE(#self)))

/** T: the old value, with another put in its place: `im_seqlock_swap(self, value)`. Shared. */
#define im_seqlock_swap(self, ...)                                                                          \
    (IM__SEQLOCK_CHECK(self, "seqlock: swap needs an im_seqlock"),                                          \
     im__seqlock_swap(self, (__VA_ARGS__), IM_UNIQUE(to), IM_UNIQUE(new), IM_UNIQUE(old), IM_UNIQUE(write), \
                      IM_PLACE(#self)))

/**
 * T: the new value, computed from the old one: `im_seqlock_update(&total, n, n + 1)` binds n to a copy of the value and
 * stores what the expression gives, as one step. Shared.
 *
 * The expression runs once, while other writers wait and readers retry: keep it short, and this seqlock out of it. If
 * it leaves (a return in a statement expression, a cancelled thread), nothing has changed.
 */
#define im_seqlock_update(self, name, ...)                           \
    (IM__SEQLOCK_CHECK(self, "seqlock: update needs an im_seqlock"), \
     im__seqlock_update(self, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(write), IM_UNIQUE(new), IM_PLACE(#self)))

/**
 * The same by a block: `im_seqlock_with(p, &total) { p->n++; }`. p is a T * to a private copy, which is stored when the
 * block ends. Shared.
 *
 * `continue` ends the block too. `break`, `return` and `goto` out of it leave the value as it was, and readers
 * undisturbed; so does a thread that exits or is cancelled inside, where the program is compiled with -fexceptions.
 * longjmp() out of it leaves the write side taken.
 */
#define im_seqlock_with(name, self) im__seqlock_with(name, self, IM_UNIQUE(write), IM_UNIQUE(copy), IM_PLACE(#self))

/** The same by a function: `im_seqlock_update_by(&total, add, &context)` calls add(T *value, context). Shared. */
#define im_seqlock_update_by(self, function, context)                                                 \
    (IM__SEQLOCK_CHECK(self, "seqlock: update_by needs an im_seqlock"),                               \
     im__seqlock_update_by(self, function, context, IM_UNIQUE(at), IM_UNIQUE(write), IM_UNIQUE(copy), \
                           IM_PLACE(#self)))

/** T *: the value itself, for plain access. Exclusive. */
#define im_seqlock_get_mut(self)                                      \
    (IM__SEQLOCK_CHECK(self, "seqlock: get_mut needs an im_seqlock"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "seqlock: get_mut needs an exclusive (non-const) pointer"), &(self)->im_value)

/** T: the value of a seqlock that ends here. Exclusive. */
#define im_seqlock_into_inner(self)                                                                   \
    (IM__SEQLOCK_CHECK(self, "seqlock: into_inner needs an im_seqlock"),                              \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "seqlock: into_inner needs an exclusive (non-const) pointer"), \
     (self)->im_value)

/**
 * uint32_t: how many tries of loads were in vain, modulo 2^32, try_load included. Shared.
 * For builds with -DIM_SEQLOCK_STATS: in others nothing is counted, and this does not compile. The layout is the same.
 */
#define im_seqlock_retries(self)                                                             \
    (IM__SEQLOCK_CHECK(self, "seqlock: retries needs an im_seqlock"),                        \
     IM_REQUIRE(IM__SEQLOCK_COUNTS, "seqlock: retries are counted with -DIM_SEQLOCK_STATS"), \
     im_sync_load(&(self)->im_lock.retries, memory_order_relaxed))

/**
 * Tries of a load before it holds writers off. Three, as in crossbeam, cost twice as much under a writer that never
 * stops; beyond eight nothing is gained.
 */
#ifndef IM_SEQLOCK_TRIES
#define IM_SEQLOCK_TRIES 8
#endif

/* ---- The untyped core ---- */

/** Zeroed is at rest. */
struct im_raw_seqlock {
    struct im_seqcount count;
    uint32_t waiting; /**< readers that hold writers off */
    uint32_t retries; /**< statistics */
};

/** Whether writers exclude each other, and readers may hold them off. */
enum im_seqlock_writers { IM_SEQLOCK_MANY_WRITERS, IM_SEQLOCK_ONE_WRITER };

#ifdef IM_SEQLOCK_STATS
#define IM__SEQLOCK_COUNTS 1
#else
#define IM__SEQLOCK_COUNTS 0
#endif

static inline void im__seqlock_count_retry(const struct im_raw_seqlock *lock)
{
    if (IM__SEQLOCK_COUNTS)
        im_sync_fetch_add((uint32_t *)im_unsafe_unconst(&lock->retries), 1, memory_order_relaxed);
}

/* The same after the sequence was read. */
IM_INLINE bool im__seqlock_try_from(const struct im_raw_seqlock *lock, uint64_t read, void *to, const void *value,
                                    size_t bytes, size_t alignment)
{
    if (IM_LIKELY((read & 1) == 0)) {
        im_racy_load_aligned(to, value, bytes, alignment);
        if (IM_LIKELY(im__seqcount_recheck(&lock->count) == read))
            return true;
    }
    im__seqlock_count_retry(lock);
    return false;
}

/** One try to copy `bytes` from `value`, aligned to `alignment`, to the private `to`; false: `to` has anything. */
IM_INLINE bool im_raw_seqlock_try_load(const struct im_raw_seqlock *lock, void *to, const void *value, size_t bytes,
                                       size_t alignment)
{
    return im__seqlock_try_from(lock, im_seqcount_read_begin(&lock->count), to, value, bytes, alignment);
}

/* Keep writers from beginning until the call with -1. Relaxed: it orders nothing, it only makes them wait. */
static inline void im__seqlock_hold_writers_off(const struct im_raw_seqlock *lock, uint32_t readers)
{
    im_sync_fetch_add((uint32_t *)im_unsafe_unconst(&lock->waiting), readers, memory_order_relaxed);
}

/* A load whose first try was in vain; zeroed at first. */
struct im__seqlock_retry {
    struct im_backoff backoff;
    unsigned tries;
    bool holds_writers_off;
};

/*
 * After a try in vain that began with `read`: a pause where a write is under way, not where one is over; the next try
 * begins with what this returns. It knows nothing of the copy, whose place need not be in memory therefore.
 */
IM_COLD IM_UNUSED static uint64_t im__seqlock_read_again(const struct im_raw_seqlock *lock,
                                                         struct im__seqlock_retry *retry, uint64_t read,
                                                         enum im_seqlock_writers writers)
{
    /* At first briefly: a write takes some nanoseconds, less than the second step of a backoff. */
    if (retry->tries > 0 && (read & 1) != 0) {
        if (retry->tries < IM_SEQLOCK_TRIES)
            im_sync_spin_hint();
        else
            im_backoff_wait(&retry->backoff);
    }
    retry->tries++;
    if (retry->tries == IM_SEQLOCK_TRIES && writers == IM_SEQLOCK_MANY_WRITERS) {
        im__seqlock_hold_writers_off(lock, 1);
        retry->holds_writers_off = true;
    }
    return im_seqcount_read_begin(&lock->count);
}

/** Copy `bytes` from `value` to the private `to`. */
IM_INLINE void im_raw_seqlock_load(const struct im_raw_seqlock *lock, void *to, const void *value, size_t bytes,
                                   size_t alignment, enum im_seqlock_writers writers)
{
    uint64_t read = im_seqcount_read_begin(&lock->count);
    if (IM_LIKELY(im__seqlock_try_from(lock, read, to, value, bytes, alignment)))
        return;
    struct im__seqlock_retry retry = {0};
    do
        read = im__seqlock_read_again(lock, &retry, read, writers);
    while (!im__seqlock_try_from(lock, read, to, value, bytes, alignment));
    if (retry.holds_writers_off)
        im__seqlock_hold_writers_off(lock, (uint32_t)-1);
}

/* Whoever writes and loads inside would wait for itself. */
IM_INLINE void im__seqlock_reads(const struct im_raw_seqlock *lock, const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_refuse_own(&lock->count, "load", place);
}

/* Whether a writer has to wait. Relaxed: only a look. */
static inline bool im__seqlock_is_busy(const struct im_raw_seqlock *lock)
{
    return im_sync_load(&lock->waiting, memory_order_relaxed) != 0 ||
           (im_sync_load(&lock->count.im_sequence, memory_order_relaxed) & 1) != 0;
}

IM_COLD IM_UNUSED static uint64_t im__seqlock_begin_again(const struct im_raw_seqlock *lock)
{
    struct im_backoff backoff = {0};
    uint64_t write;
    do {
        while (im__seqlock_is_busy(lock))
            im_backoff_wait(&backoff);
    } while (!im_seqcount_try_write_begin(&lock->count, &write));
    return write;
}

/** Take the write side; the result goes to im_seqcount_write_end() or im_seqcount_write_abort(). */
IM_INLINE uint64_t im_raw_seqlock_begin(const struct im_raw_seqlock *lock, enum im_seqlock_writers writers)
{
    uint64_t write;
    if (writers == IM_SEQLOCK_ONE_WRITER)
        return (im_seqcount_write_begin)(&lock->count);
    if (IM_LIKELY(im_sync_load(&lock->waiting, memory_order_relaxed) == 0 &&
                  im_seqcount_try_write_begin(&lock->count, &write)))
        return write;
    return im__seqlock_begin_again(lock);
}

/* A write that is under way: it either ends by im__seqlock_commit(), or has changed nothing. */
struct im__seqlock_write {
    const struct im_raw_seqlock *lock; /* NULL: over */
    void *value;
    uint64_t sequence;
};

IM_INLINE struct im__seqlock_write im__seqlock_begin(const struct im_raw_seqlock *lock, void *value,
                                                     enum im_seqlock_writers writers, const char *operation,
                                                     const struct im_place *place)
{
    if (IM_CHECKED && writers == IM_SEQLOCK_ONE_WRITER)
        im_checked_write_begins(&lock->count, operation, place);
    if (IM_CHECKED && writers == IM_SEQLOCK_MANY_WRITERS)
        im_checked_refuse_own(&lock->count, operation, place);
    const struct im__seqlock_write write = {lock, value, im_raw_seqlock_begin(lock, writers)};
    if (IM_CHECKED && writers == IM_SEQLOCK_MANY_WRITERS)
        im_checked_acquired(&lock->count, &lock->count, true, false, place);
    return write;
}

IM_INLINE void im__seqlock_commit(struct im__seqlock_write *write, const void *new_value, size_t bytes,
                                  size_t alignment)
{
    im_racy_store_aligned(write->value, new_value, bytes, alignment);
    im_seqcount_write_end(&write->lock->count, write->sequence);
    write->lock = NULL;
}

IM_INLINE void im__seqlock_give_up(struct im__seqlock_write *write)
{
    if (write->lock)
        im_seqcount_write_abort(&write->lock->count, write->sequence);
    write->lock = NULL;
}

/* The value as it is, to `copy`; gives `copy`. */
IM_INLINE void *im__seqlock_copy(const struct im__seqlock_write *write, void *copy, size_t bytes, size_t alignment)
{
    im_racy_load_aligned(copy, write->value, bytes, alignment);
    return copy;
}

/* ---- What the macros are made of ---- */

/* Here, because gcc forbids a first mention in a `for`. */
struct im_kind_seqlock;
struct im_kind_single_seqlock;

/* T, in a way that does not compile where a T cannot be copied; the name is the error message. */
#define IM__SEQLOCK_T(T)                                                                                      \
    __typeof__(((struct { __typeof__(T) T_of_a_seqlock_must_be_plain_data_without_interior_mutability; } *)0) \
                   ->T_of_a_seqlock_must_be_plain_data_without_interior_mutability = *(__typeof__(T) *)0)
#define IM__SEQLOCK_ALIGN(T) \
    (_Alignof(__typeof__(T)) > 16 ? _Alignof(__typeof__(T)) : sizeof(__typeof__(T)) >= 16 ? 16 : 8)
/* For pointers to a seqlock: how its value is at least aligned, and who writes it. */
#define IM__SEQLOCK_ALIGNED(self) (sizeof((self)->im_value) >= 16 ? 16u : 8u)
#define IM__SEQLOCK_WRITERS(self) (IM_IS_KIND(self, single_seqlock) ? IM_SEQLOCK_ONE_WRITER : IM_SEQLOCK_MANY_WRITERS)

/* For checked builds: before anything of it is touched. */
#define IM__SEQLOCK_INSPECT(object, place) \
    (IM_CHECKED ? (im_checked_refuse_null(object, place), (void)im_checked_reached(object, place)) : (void)0)

#define IM__SEQLOCK_CHECK(self, sentence)                                                        \
    ((void)sizeof(struct {                                                                       \
        IM__ASSERT_POINTS_TO_RECORD(self, sentence);                                             \
        _Static_assert(IM_IS_KIND(self, seqlock) || IM_IS_KIND(self, single_seqlock), sentence); \
        char im_unused;                                                                          \
    }))

/* In a union: gcc would take a struct apart, member by member, and would have to put the vectors that it comes in down. */
#define im__seqlock_load(self, from, copy, place)                                            \
    ({                                                                                       \
        const __typeof__(*(self)) *from = (self);                                            \
        IM__SEQLOCK_INSPECT(from, place);                                                    \
        union {                                                                              \
            IM_TYPE(from) value;                                                             \
        } copy;                                                                              \
        im__seqlock_reads(&from->im_lock, place);                                            \
        im_raw_seqlock_load(&from->im_lock, &copy.value, &from->im_value, sizeof copy.value, \
                            IM__SEQLOCK_ALIGNED(from), IM__SEQLOCK_WRITERS(from));           \
        copy;                                                                                \
    }).value

#define im__seqlock_load_into(self, copy, from, to, place)                                              \
    ({                                                                                                  \
        const __typeof__(*(self)) *from = (self);                                                       \
        IM__SEQLOCK_INSPECT(from, place);                                                               \
        IM_TYPE(from) *to = (copy);                                                                     \
        im__seqlock_reads(&from->im_lock, place);                                                       \
        im_raw_seqlock_load(&from->im_lock, to, &from->im_value, sizeof *to, IM__SEQLOCK_ALIGNED(from), \
                            IM__SEQLOCK_WRITERS(from));                                                 \
    })

#define im__seqlock_try_load(self, copy, from, to, tried, done)                                                        \
    ({                                                                                                                 \
        const __typeof__(*(self)) *from = (self);                                                                      \
        IM_TYPE(from) *to = (copy);                                                                                    \
        IM_TYPE(from) tried;                                                                                           \
        const bool done =                                                                                              \
            im_raw_seqlock_try_load(&from->im_lock, &tried, &from->im_value, sizeof tried, IM__SEQLOCK_ALIGNED(from)); \
        if (done)                                                                                                      \
            *to = tried;                                                                                               \
        done;                                                                                                          \
    })

#define im__seqlock_store(self, value, to, new, write, place)                                                 \
    ({                                                                                                        \
        const __typeof__(*(self)) *to = (self);                                                               \
        IM__SEQLOCK_INSPECT(to, place);                                                                       \
        const IM_TYPE(to) new = value;                                                                        \
        struct im__seqlock_write write =                                                                      \
            im__seqlock_begin(&to->im_lock, im_unsafe_cell_get(to), IM__SEQLOCK_WRITERS(to), "store", place); \
        im__seqlock_commit(&write, &new, sizeof new, IM__SEQLOCK_ALIGNED(to));                                \
    })

#define im__seqlock_swap(self, value, to, new, old, write, place)                                            \
    ({                                                                                                       \
        const __typeof__(*(self)) *to = (self);                                                              \
        IM__SEQLOCK_INSPECT(to, place);                                                                      \
        const IM_TYPE(to) new = value;                                                                       \
        IM_TYPE(to) old;                                                                                     \
        struct im__seqlock_write write =                                                                     \
            im__seqlock_begin(&to->im_lock, im_unsafe_cell_get(to), IM__SEQLOCK_WRITERS(to), "swap", place); \
        im__seqlock_copy(&write, &old, sizeof old, IM__SEQLOCK_ALIGNED(to));                                 \
        im__seqlock_commit(&write, &new, sizeof new, IM__SEQLOCK_ALIGNED(to));                               \
        old;                                                                                                 \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__seqlock_update(self, name, expression, at, write, new, place)                                      \
    ({                                                                                                         \
        const __typeof__(*(self)) *at = (self);                                                                \
        IM__SEQLOCK_INSPECT(at, place);                                                                        \
        IM_CLEANUP(im__seqlock_give_up)                                                                        \
        struct im__seqlock_write write =                                                                       \
            im__seqlock_begin(&at->im_lock, im_unsafe_cell_get(at), IM__SEQLOCK_WRITERS(at), "update", place); \
        IM_TYPE(at) name;                                                                                      \
        im__seqlock_copy(&write, &name, sizeof name, IM__SEQLOCK_ALIGNED(at));                                 \
        const IM_TYPE(at) new = expression;                                                                    \
        im__seqlock_commit(&write, &new, sizeof new, IM__SEQLOCK_ALIGNED(at));                                 \
        new;                                                                                                   \
    })

#define im__seqlock_update_by(self, function, context, at, write, copy, place)                                    \
    ({                                                                                                            \
        const __typeof__(*(self)) *at = (self);                                                                   \
        IM__SEQLOCK_INSPECT(at, place);                                                                           \
        IM_CLEANUP(im__seqlock_give_up)                                                                           \
        struct im__seqlock_write write =                                                                          \
            im__seqlock_begin(&at->im_lock, im_unsafe_cell_get(at), IM__SEQLOCK_WRITERS(at), "update_by", place); \
        IM_TYPE(at) copy;                                                                                         \
        im__seqlock_copy(&write, &copy, sizeof copy, IM__SEQLOCK_ALIGNED(at));                                    \
        (function)(&copy, context);                                                                               \
        im__seqlock_commit(&write, &copy, sizeof copy, IM__SEQLOCK_ALIGNED(at));                                  \
    })

/*
 * The inner loop's step, which only a normal end reaches, stores the copy; the outer one's gives up what is not over
 * by then, and the cleanup what leaves both.
 */
#define im__seqlock_with(name, self, write, copy, place)                                                               \
    for (IM_CLEANUP(im__seqlock_give_up) struct im__seqlock_write write =                                              \
             im__seqlock_begin_with(self, IM_UNIQUE(at), place);                                                       \
         write.lock; im__seqlock_give_up(&write))                                                                      \
        for (IM_TYPE(self) copy, *const name IM_UNUSED = (IM_TYPE(self) *)im__seqlock_copy(&write, &copy, sizeof copy, \
                                                                                           IM__SEQLOCK_ALIGNED(self)); \
             write.lock; im__seqlock_commit(&write, &copy, sizeof copy, IM__SEQLOCK_ALIGNED(self)))
#define im__seqlock_begin_with(self, at, place)                                                            \
    ({                                                                                                     \
        IM__SEQLOCK_CHECK(self, "seqlock: with needs an im_seqlock");                                      \
        const __typeof__(*(self)) *at = (self);                                                            \
        IM__SEQLOCK_INSPECT(at, place);                                                                    \
        im__seqlock_begin(&at->im_lock, im_unsafe_cell_get(at), IM__SEQLOCK_WRITERS(at), "update", place); \
    })

#endif
