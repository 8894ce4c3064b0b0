/* SPDX-License-Identifier: MIT */
/**
 * @file atomic.h
 * A value of any size that many threads may read and replace at the same time: a cell across threads.
 *
 * Use it for counters, flags, states, records: plain data (T is Copy). Not for values that own memory, and not where two
 * values must change together: put them into one struct.
 *
 *     typedef im_atomic(uint64_t) counter;
 *
 *     struct server {
 *         counter requests;
 *     };
 *
 *     void serve(const struct server *server)                    // shared, and yet it counts
 *     {
 *         im_atomic_fetch_add(&server->requests, 1);
 *     }
 *
 *     printf("%lu\n", im_atomic_load(&server->requests));
 *
 * The size of T decides how, at compile time:
 *
 *     1, 2, 4, 8 bytes    one machine atomic, without a library call
 *     16 bytes            the machine's atomics of that size on x86-64 and aarch64 (<intermut/atomic_16.h>): lock-free,
 *                         and readers do not contend where the CPU has 16-byte moves that are atomic
 *     all others          a sequence lock out of a table that the whole process shares (<intermut/raw_atomic.h>): loads
 *                         write nothing; a load and a store take some nanoseconds more than the copy. Not lock-free
 *     0 bytes             nothing
 *
 *     im_atomic_with_lock(T)    always a sequence lock of its own, beside the value: 16 bytes more than T, and no other
 *                               object in the way. The same operations.
 *
 * Same size as T. Aligned to the largest power of two, up to 16, that divides the size of T, and as T is: so the machine
 * never has to access two cache lines for one. An object that is not aligned so (in a packed struct, by a wild cast) is
 * undefined; a checked build panics before it accesses one, or NULL. A zeroed object holds a zeroed T.
 *
 * Orders: loads acquire, stores release, read-modify-writes do both; so what a thread did before its store is visible
 * to whoever loads that value. Every operation has an `_explicit` form that takes a memory_order instead; values in
 * sequence locks have at least the default order.
 *
 * Padding: an operation that asks whether the value equals another one compares values, not what lies between their
 * members (im_atomic_compare_exchange).
 *
 * Never define one const: a store to read-only memory is a crash, a load of 16 bytes may be one.
 * Not in a signal handler, unless im_atomic_is_lock_free() is true: it may have interrupted the holder of the lock. Not
 * in memory shared between processes, unless so: the locks are not in it. fork() is safe (<intermut/raw_atomic.h>), but
 * for locks beside values (those of im_atomic_with_lock), and but for a signal handler that may have interrupted a store:
 * it would wait for that. _Fork() does not, and leaves the child the objects that are lock-free.
 * Source: crossbeam's AtomicCell, with the integer operations of C11 and portable-atomic.
 */
#ifndef INTERMUT_ATOMIC_H
#define INTERMUT_ATOMIC_H

#include <string.h>

#include <intermut/atomic_16.h>
#include <intermut/raw_atomic.h>
#include <intermut/sync.h>
#include <intermut/unsafe_cell.h>

/** An atomic T. Name the type once: `typedef im_atomic(T) name;`. */
#define im_atomic(T)                                                                \
    struct {                                                                        \
        IM__ATOMIC_T(T) im_value __attribute__((aligned(IM__ATOMIC_ALIGNMENT(T)))); \
        IM_TAGS(atomic, T);                                                         \
    }

/** The same with a sequence lock of its own. */
#define im_atomic_with_lock(T)                                                           \
    struct {                                                                             \
        struct im_raw_seqlock im_lock;                                                   \
        IM__ATOMIC_T(T) im_value __attribute__((aligned(IM__ATOMIC_LOCK_ALIGNMENT(T)))); \
        IM_TAGS(atomic_with_lock, T);                                                    \
    }

/** Static initialiser of both; the argument initialises the T: `IM_ATOMIC_INIT(3)`, `IM_ATOMIC_INIT({1, 2})`. */
#define IM_ATOMIC_INIT(...)     \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T: the value. Shared. Order: acquire; pairs with the release of any store, swap or update of this object. */
#define im_atomic_load(self) im_atomic_load_explicit(self, memory_order_acquire)
#define im_atomic_load_explicit(self, order)                                                          \
    (IM__ATOMIC_CHECK(self, "atomic: load needs an im_atomic"), IM__ATOMIC_REQUIRE_NO_RELEASE(order), \
     im__atomic_load(self, #self, order, IM_UNIQUE(at), IM_UNIQUE(copy)))

/**
 * The same into *copy, a T *: `im_atomic_load_into(&total, &now)`. Shared. While it runs *copy may have anything.
 *
 * For a T of more than some 256 bytes: it is copied once, straight to where it is wanted, where compilers copy what the
 * form above gives twice. On x86-64 smaller ones go through registers in both forms.
 */
#define im_atomic_load_into(self, copy) im_atomic_load_into_explicit(self, copy, memory_order_acquire)
#define im_atomic_load_into_explicit(self, copy, order)                                                   \
    (IM__ATOMIC_CHECK(self, "atomic: load_into needs an im_atomic"),                                      \
     IM_REQUIRE_SAME_TYPE(__typeof__(copy), IM_TYPE(self) *, "atomic: load_into needs a pointer to a T"), \
     IM__ATOMIC_REQUIRE_NO_RELEASE(order),                                                                \
     im__atomic_load_into(self, #self, copy, order, IM_UNIQUE(at), IM_UNIQUE(to)))

/** Replace the value: `im_atomic_store(object, value)`. Shared. Order: release; pairs with the acquire of a load. */
#define im_atomic_store(self, ...) im_atomic_store_explicit(self, (__VA_ARGS__), memory_order_release)
#define im_atomic_store_explicit(self, value, order)                                                                   \
    ({                                                                                                                 \
        IM__ATOMIC_CHECK(self, "atomic: store needs an im_atomic");                                                    \
        IM_REQUIRE(IM__ATOMIC_IS_NOT(order, memory_order_acquire) && IM__ATOMIC_IS_NOT(order, memory_order_consume) && \
                       IM__ATOMIC_IS_NOT(order, memory_order_acq_rel),                                                 \
                   "atomic: a store cannot acquire");                                                                  \
        im__atomic_store(self, #self, value, order, IM_UNIQUE(at), IM_UNIQUE(new));                                    \
    })

/** T: the old value, with another put in its place: `im_atomic_swap(object, value)`. Shared. */
#define im_atomic_swap(self, ...) im_atomic_swap_explicit(self, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_swap_explicit(self, value, order)             \
    (IM__ATOMIC_CHECK(self, "atomic: swap needs an im_atomic"), \
     im__atomic_swap(self, #self, value, order, IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(old)))

/** T: the old value, with a zeroed T put in its place. Shared. */
#define im_atomic_take(self) im_atomic_take_explicit(self, memory_order_acq_rel)
#define im_atomic_take_explicit(self, order)                    \
    (IM__ATOMIC_CHECK(self, "atomic: take needs an im_atomic"), \
     im__atomic_take(self, #self, order, IM_UNIQUE(at), IM_UNIQUE(zero), IM_UNIQUE(old)))

/**
 * bool: `im_atomic_compare_exchange(object, expected, desired)` puts `desired` in place of the value if that equals
 * *expected; otherwise *expected becomes the value. Shared.
 *
 * Never fails for no reason, and never because of padding: values that differ only between their members are equal. So a
 * compiler must know where padding is. gcc does. clang up to 14 does not: there, a struct or union (or long double) does
 * not compile, and one of the two forms below says what is equal. Floating values are equal if their bytes are.
 * `expected` is a T *, private to the caller. Lock-free as the object is: it goes around again only when another thread
 * has changed the bytes. Order: acq_rel, and acquire on failure; in the explicit form a failure has the load part of
 * `order`.
 */
#define im_atomic_compare_exchange(self, expected, ...) \
    im_atomic_compare_exchange_explicit(self, expected, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_compare_exchange_explicit(self, expected, desired, order)                                         \
    (IM__ATOMIC_CHECK(self, "atomic: compare_exchange needs an im_atomic"),                                         \
     IM_REQUIRE_SAME_TYPE(__typeof__(expected), IM_TYPE(self) *, "atomic: expected must be a pointer to T"),        \
     IM__ATOMIC_REQUIRE_COMPARABLE(                                                                                 \
         self, "atomic: this compiler does not see padding: use compare_exchange_by or _bytes for a struct"),       \
     im__atomic_compare_exchange(self, #self, expected, desired, order, im__atomic_is_same, IM_UNIQUE(at),          \
                                 IM_UNIQUE(want), IM_UNIQUE(new), IM_UNIQUE(by), IM_UNIQUE(seen), IM_UNIQUE(found), \
                                 IM_UNIQUE(done)))

/**
 * The same where a function decides: `im_atomic_compare_exchange_by(object, are_equal, expected, desired)` asks
 * bool are_equal(const T *value, const T *expected). Shared. It may be asked again when another thread was faster, and
 * runs without any lock.
 */
#define im_atomic_compare_exchange_by(self, eq, expected, ...) \
    im_atomic_compare_exchange_by_explicit(self, eq, expected, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_compare_exchange_by_explicit(self, eq, expected, desired, order)                             \
    (IM__ATOMIC_CHECK(self, "atomic: compare_exchange_by needs an im_atomic"),                                 \
     IM_REQUIRE_SAME_TYPE(__typeof__(expected), IM_TYPE(self) *, "atomic: expected must be a pointer to T"),   \
     im__atomic_compare_exchange_by(self, #self, eq, expected, desired, order, IM_UNIQUE(at), IM_UNIQUE(want), \
                                    IM_UNIQUE(new), IM_UNIQUE(by), IM_UNIQUE(seen), IM_UNIQUE(found),          \
                                    IM_UNIQUE(value), IM_UNIQUE(done)))

/** The same where all bytes count, padding too, as in C11: for a T without any. Shared. */
#define im_atomic_compare_exchange_bytes(self, expected, ...) \
    im_atomic_compare_exchange_bytes_explicit(self, expected, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_compare_exchange_bytes_explicit(self, expected, desired, order)                                   \
    (IM__ATOMIC_CHECK(self, "atomic: compare_exchange_bytes needs an im_atomic"),                                   \
     IM_REQUIRE_SAME_TYPE(__typeof__(expected), IM_TYPE(self) *, "atomic: expected must be a pointer to T"),        \
     im__atomic_compare_exchange(self, #self, expected, desired, order, im__atomic_is_same_bytes, IM_UNIQUE(at),    \
                                 IM_UNIQUE(want), IM_UNIQUE(new), IM_UNIQUE(by), IM_UNIQUE(seen), IM_UNIQUE(found), \
                                 IM_UNIQUE(done)))

/**
 * T: the old value; the new one is computed from it: `im_atomic_fetch_update(&best, n, n < mine ? mine : n)` binds n
 * to a copy of the value and stores what the expression gives, as one atomic step. Shared.
 *
 * The expression runs again when another thread was faster: it must have no side effects. It runs without any lock, so
 * it may use other atomics. Goes around again only when another thread has changed the value.
 */
#define im_atomic_fetch_update(self, name, ...) \
    im_atomic_fetch_update_explicit(self, name, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_fetch_update_explicit(self, name, expression, order)  \
    (IM__ATOMIC_CHECK(self, "atomic: fetch_update needs an im_atomic"), \
     im__atomic_fetch_update(self, #self, name, expression, order, IM_UNIQUE(old)))

/**
 * bool: im_atomic_fetch_update that gives up, and changes nothing, when `condition` is false for the value:
 * `im_atomic_try_update(&stock, n, n > 0, n - 1)` takes one from the stock if there is one. Shared.
 */
#define im_atomic_try_update(self, name, condition, ...) \
    im_atomic_try_update_explicit(self, name, condition, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_try_update_explicit(self, name, condition, expression, order) \
    (IM__ATOMIC_CHECK(self, "atomic: try_update needs an im_atomic"),           \
     im__atomic_try_update(self, #self, name, condition, expression, order, IM_UNIQUE(old)))

/*
 * T: the old value; the new one is (old op operand), as one atomic step. Shared. Order: acq_rel.
 * Integers wrap around, signed ones too. and, nand, or, xor also for bool; add, max, min also for floating types, where
 * rounding is that of the plain operation and a NaN loses against a number in max and min.
 */
#define im_atomic_fetch_add(self, operand) im_atomic_fetch_add_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_sub(self, operand) im_atomic_fetch_sub_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_and(self, operand) im_atomic_fetch_and_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_nand(self, operand) im_atomic_fetch_nand_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_or(self, operand) im_atomic_fetch_or_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_xor(self, operand) im_atomic_fetch_xor_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_max(self, operand) im_atomic_fetch_max_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_min(self, operand) im_atomic_fetch_min_explicit(self, operand, memory_order_acq_rel)

#define im_atomic_fetch_add_explicit(self, operand, order) IM__ATOMIC_FETCH_NUMBER(self, operand, add, order)
#define im_atomic_fetch_sub_explicit(self, operand, order) IM__ATOMIC_FETCH_INTEGER(self, operand, sub, order)
#define im_atomic_fetch_and_explicit(self, operand, order) IM__ATOMIC_FETCH_BITS(self, operand, and, order)
#define im_atomic_fetch_nand_explicit(self, operand, order) IM__ATOMIC_FETCH_BITS(self, operand, nand, order)
#define im_atomic_fetch_or_explicit(self, operand, order) IM__ATOMIC_FETCH_BITS(self, operand, or, order)
#define im_atomic_fetch_xor_explicit(self, operand, order) IM__ATOMIC_FETCH_BITS(self, operand, xor, order)
#define im_atomic_fetch_max_explicit(self, operand, order) IM__ATOMIC_FETCH_NUMBER(self, operand, max, order)
#define im_atomic_fetch_min_explicit(self, operand, order) IM__ATOMIC_FETCH_NUMBER(self, operand, min, order)

/** bool: the old value, with its opposite put in its place. Shared. For bool. */
#define im_atomic_fetch_not(self) im_atomic_fetch_not_explicit(self, memory_order_acq_rel)
#define im_atomic_fetch_not_explicit(self, order)                                                             \
    im__atomic_fetch(self, true, IM_IS_BOOL(IM_TYPE(self)), "atomic: fetch_not needs an im_atomic of a bool", \
                     im__atomic_xor, order)

/**
 * bool: whether operations on this object never take a lock. A constant, but for 16 bytes, where the CPU decides.
 * Shared.
 */
#define im_atomic_is_lock_free(self)                                                                     \
    (IM__ATOMIC_CHECK(self, "atomic: is_lock_free needs an im_atomic"),                                  \
     __builtin_choose_expr(IM__ATOMIC_FORM(self) == IM__ATOMIC_SIXTEEN, im_raw_atomic_16_is_lock_free(), \
                           (bool)(IM__ATOMIC_FORM(self) == IM__ATOMIC_WORD || sizeof(IM_TYPE(self)) == 0)))

/**
 * T *: the object's memory, for a system call or other atomics. Shared: while others use it, only atomic accesses of a
 * lock-free object are allowed.
 */
#define im_atomic_as_ptr(self) (IM__ATOMIC_CHECK(self, "atomic: as_ptr needs an im_atomic"), im_unsafe_cell_get(self))

/** T *: the value itself, for plain access. Exclusive. */
#define im_atomic_get_mut(self)                                    \
    (IM__ATOMIC_CHECK(self, "atomic: get_mut needs an im_atomic"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "atomic: get_mut needs an exclusive (non-const) pointer"), &(self)->im_value)

/** T: the value of an object that ends here. Exclusive. */
#define im_atomic_into_inner(self)                                    \
    (IM__ATOMIC_CHECK(self, "atomic: into_inner needs an im_atomic"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "atomic: into_inner needs an exclusive (non-const) pointer"), (self)->im_value)

/* ---- What the macros are made of ---- */

/*
 * How: T is to the machine a word of the same size, or 16 bytes, or bytes under a lock; values are turned into those
 * and back by their bytes. All accesses are one of four, for each of the three: get, put, exchange and exchange_if.
 */

typedef uint8_t IM_MAY_ALIAS im_word_1;
typedef uint16_t IM_MAY_ALIAS im_word_2;
typedef uint32_t IM_MAY_ALIAS im_word_4;
typedef uint64_t IM_MAY_ALIAS im_word_8;

/* T, in a way that does not compile where a T cannot be copied; the name is the error message. */
#define IM__ATOMIC_T(T)                                                                                       \
    __typeof__(((struct { __typeof__(T) T_of_an_atomic_must_be_plain_data_without_interior_mutability; } *)0) \
                   ->T_of_an_atomic_must_be_plain_data_without_interior_mutability = *(__typeof__(T) *)0)
#define IM__ATOMIC_FITS(T) (sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8)
#define IM__ATOMIC_LEAST(a, b) ((a) < (b) ? (a) : (b))
/* The lowest bit of the size. */
#define IM__ATOMIC_ALIGNMENT(T) \
    (sizeof(__typeof__(T)) == 0 ? 1 : IM__ATOMIC_LEAST(16, sizeof(__typeof__(T)) & -sizeof(__typeof__(T))))
#define IM__ATOMIC_LOCK_ALIGNMENT(T) (sizeof(__typeof__(T)) >= 16 ? 16 : 8)
#define IM__ATOMIC_CHECK(self, sentence)                                                          \
    ((void)sizeof(struct {                                                                        \
        IM__ASSERT_POINTS_TO_RECORD(self, sentence);                                              \
        _Static_assert(IM_IS_KIND(self, atomic) || IM_IS_KIND(self, atomic_with_lock), sentence); \
        char im_unused;                                                                           \
    }))
/* True also where the order is not a constant: then C11 leaves it to run time. */
#define IM__ATOMIC_IS_NOT(order, unwanted) \
    (__builtin_choose_expr(__builtin_constant_p(order), (order), memory_order_relaxed) != (unwanted))

#define IM__ATOMIC_REQUIRE_NO_RELEASE(order)                                                                     \
    IM_REQUIRE(IM__ATOMIC_IS_NOT(order, memory_order_release) && IM__ATOMIC_IS_NOT(order, memory_order_acq_rel), \
               "atomic: a load cannot release")

/* The built-ins take an int; clang minds the difference. */
#define IM__ATOMIC_ORDER(order) ((int)(order))

/* How an object is accessed; a constant of its type. */
#define IM__ATOMIC_WORD 0
#define IM__ATOMIC_SIXTEEN 1
#define IM__ATOMIC_STRIPE 2
#define IM__ATOMIC_OWN_LOCK 3
#define IM__ATOMIC_FORM(self)                                            \
    (IM_IS_KIND(self, atomic_with_lock)            ? IM__ATOMIC_OWN_LOCK \
     : IM__ATOMIC_FITS(IM_TYPE(self))              ? IM__ATOMIC_WORD     \
     : IM_ATOMIC_16 && sizeof(IM_TYPE(self)) == 16 ? IM__ATOMIC_SIXTEEN  \
                                                   : IM__ATOMIC_STRIPE)

/*
 * Opens an operation: `at` is the object from here on; its T, form and alignment have names of their own, so that the
 * compiler has to find them, or to complain of them, once. The macros below take `at`, and pointers to private memory.
 */
#define IM__ATOMIC_TYPE(at) IM_PASTE(at, _T)
#define IM__ATOMIC_CHOICE(at) IM_PASTE(at, _form)
#define IM__ATOMIC_ALIGNED(at) IM_PASTE(at, _alignment)
#define IM__ATOMIC_OPEN(at, self, text)                                                                             \
    const __typeof__(*(self)) *const at = (self);                                                                   \
    typedef IM_TYPE(self) IM__ATOMIC_TYPE(at) IM_UNUSED;                                                            \
    enum { IM__ATOMIC_CHOICE(at) = IM__ATOMIC_FORM(self), IM__ATOMIC_ALIGNED(at) = __alignof__((self)->im_value) }; \
    IM__ATOMIC_INSPECT(at, text)
#if IM_CHECKED
#define IM__ATOMIC_INSPECT(at, text) im_raw_atomic_inspect(at, __alignof__(*(at)), IM_PLACE(text))
#else
#define IM__ATOMIC_INSPECT(at, text) (void)at
#endif

/* What is written for one form is compiled for all, though never run: so there is a word for any T. */
#define IM__ATOMIC_CHOOSE(at, word, sixteen, locked)                      \
    __builtin_choose_expr(IM__ATOMIC_CHOICE(at) == IM__ATOMIC_WORD, word, \
                          __builtin_choose_expr(IM__ATOMIC_CHOICE(at) == IM__ATOMIC_SIXTEEN, sixteen, locked))
#define IM__ATOMIC_WORD_TYPE(T)                             \
    __typeof__(__builtin_choose_expr(                       \
        sizeof(T) == 8, (im_word_8)0,                       \
        __builtin_choose_expr(sizeof(T) == 4, (im_word_4)0, \
                              __builtin_choose_expr(sizeof(T) == 2, (im_word_2)0, (im_word_1)0))))
#define IM__ATOMIC_AS_WORD(at) ((IM__ATOMIC_WORD_TYPE(IM__ATOMIC_TYPE(at)) *)IM__ATOMIC_VALUE(at))
#define IM__ATOMIC_WORD_BYTES(at) (IM__ATOMIC_CHOICE(at) == IM__ATOMIC_WORD ? sizeof(IM__ATOMIC_TYPE(at)) : 0)
#define IM__ATOMIC_VALUE(at) im_unsafe_unconst(&(at)->im_value)
/* The bytes of a T, padding too: an assignment of a T need not keep that. */
#define IM__ATOMIC_BYTES(at)                              \
    struct {                                              \
        unsigned char bytes[sizeof(IM__ATOMIC_TYPE(at))]; \
    }
/* An object's own lock is its first member. */
#define IM__ATOMIC_LOCK(at)                                                                           \
    (IM__ATOMIC_CHOICE(at) == IM__ATOMIC_OWN_LOCK ? (const struct im_raw_seqlock *)(const void *)(at) \
                                                  : im_atomic_stripe_of(&(at)->im_value))
#define IM__ATOMIC_SIZE(at) sizeof(IM__ATOMIC_TYPE(at)), IM__ATOMIC_ALIGNED(at)

/* The value, to `to`. */
#define IM__ATOMIC_GET(at, to, order)                                        \
    IM__ATOMIC_CHOOSE(                                                       \
        at, im__atomic_word_get(at, to, order, IM_UNIQUE(word)),             \
        im_raw_atomic_16_load(&(at)->im_value, to, IM__ATOMIC_ORDER(order)), \
        im_raw_atomic_load(IM__ATOMIC_LOCK(at), &(at)->im_value, to, IM__ATOMIC_SIZE(at), IM__ATOMIC_ORDER(order)))
#define im__atomic_word_get(at, to, order, word)                           \
    ({                                                                     \
        const IM__ATOMIC_WORD_TYPE(IM__ATOMIC_TYPE(at)) word =             \
            im_sync_load(IM__ATOMIC_AS_WORD(at), IM__ATOMIC_ORDER(order)); \
        memcpy(to, &word, IM__ATOMIC_WORD_BYTES(at));                      \
        (void)0;                                                           \
    })

/* The one at `from` in its place. */
#define IM__ATOMIC_PUT(at, from, order)                                                                         \
    IM__ATOMIC_CHOOSE(at, im__atomic_word_put(at, from, order, IM_UNIQUE(word)),                                \
                      im_raw_atomic_16_store(IM__ATOMIC_VALUE(at), from, IM__ATOMIC_ORDER(order)),              \
                      im_raw_atomic_store(IM__ATOMIC_LOCK(at), IM__ATOMIC_VALUE(at), from, IM__ATOMIC_SIZE(at), \
                                          IM__ATOMIC_ORDER(order)))
#define im__atomic_word_put(at, from, order, word)                            \
    ({                                                                        \
        IM__ATOMIC_WORD_TYPE(IM__ATOMIC_TYPE(at)) word = 0;                   \
        memcpy(&word, from, IM__ATOMIC_WORD_BYTES(at));                       \
        im_sync_store(IM__ATOMIC_AS_WORD(at), word, IM__ATOMIC_ORDER(order)); \
    })

/* The same, and the one before to `old`. */
#define IM__ATOMIC_EXCHANGE(at, from, old, order)                                                          \
    IM__ATOMIC_CHOOSE(at, im__atomic_word_exchange(at, from, old, order, IM_UNIQUE(word)),                 \
                      im_raw_atomic_16_exchange(IM__ATOMIC_VALUE(at), from, old, IM__ATOMIC_ORDER(order)), \
                      im_raw_atomic_exchange(IM__ATOMIC_LOCK(at), IM__ATOMIC_VALUE(at), from, old,         \
                                             IM__ATOMIC_SIZE(at), IM__ATOMIC_ORDER(order)))
#define im__atomic_word_exchange(at, from, old, order, word)                            \
    ({                                                                                  \
        IM__ATOMIC_WORD_TYPE(IM__ATOMIC_TYPE(at)) word = 0;                             \
        memcpy(&word, from, IM__ATOMIC_WORD_BYTES(at));                                 \
        word = im_sync_exchange(IM__ATOMIC_AS_WORD(at), word, IM__ATOMIC_ORDER(order)); \
        memcpy(old, &word, IM__ATOMIC_WORD_BYTES(at));                                  \
        (void)0;                                                                        \
    })

/* bool: whether the bytes at `expected` were replaced by those at `desired`; the bytes that were there go to `found`. */
#define IM__ATOMIC_EXCHANGE_IF(at, expected, desired, found, order)                                                 \
    IM__ATOMIC_CHOOSE(                                                                                              \
        at,                                                                                                         \
        im__atomic_word_exchange_if(at, expected, desired, found, order, IM_UNIQUE(seen), IM_UNIQUE(new),           \
                                    IM_UNIQUE(done)),                                                               \
        im_raw_atomic_16_compare_exchange(IM__ATOMIC_VALUE(at), expected, desired, found, IM__ATOMIC_ORDER(order)), \
        im_raw_atomic_compare_exchange(IM__ATOMIC_LOCK(at), IM__ATOMIC_VALUE(at), expected, desired, found,         \
                                       IM__ATOMIC_SIZE(at), IM__ATOMIC_ORDER(order)))
#define im__atomic_word_exchange_if(at, expected, desired, found, order, seen, new, done)                       \
    ({                                                                                                          \
        IM__ATOMIC_WORD_TYPE(IM__ATOMIC_TYPE(at)) seen = 0, new = 0;                                            \
        memcpy(&seen, expected, IM__ATOMIC_WORD_BYTES(at));                                                     \
        memcpy(&new, desired, IM__ATOMIC_WORD_BYTES(at));                                                       \
        const bool done = im_sync_compare_exchange(IM__ATOMIC_AS_WORD(at), &seen, new, IM__ATOMIC_ORDER(order), \
                                                   im__atomic_load_part(IM__ATOMIC_ORDER(order)));              \
        memcpy(found, &seen, IM__ATOMIC_WORD_BYTES(at));                                                        \
        done;                                                                                                   \
    })

/* The failure order of a compare-exchange whose success order is `order`: the same without its release part. */
IM_INLINE int im__atomic_load_part(int order)
{
    if (order == memory_order_acq_rel)
        return memory_order_acquire;
    return order == memory_order_release ? memory_order_relaxed : order;
}

/* The operations. */

/* In a union: gcc would take a struct apart, member by member, and would have to put the vectors that it comes in down. */
#define im__atomic_load(self, text, order, at, copy) \
    ({                                               \
        IM__ATOMIC_OPEN(at, self, text);             \
        union {                                      \
            IM__ATOMIC_TYPE(at) value;               \
        } copy;                                      \
        IM__ATOMIC_GET(at, &copy.value, order);      \
        copy;                                        \
    }).value

#define im__atomic_load_into(self, text, copy, order, at, to) \
    ({                                                        \
        IM__ATOMIC_OPEN(at, self, text);                      \
        IM__ATOMIC_TYPE(at) *const to = (copy);               \
        IM__ATOMIC_GET(at, to, order);                        \
    })

#define im__atomic_store(self, text, value, order, at, new) \
    ({                                                      \
        IM__ATOMIC_OPEN(at, self, text);                    \
        const IM_TYPE(at) new = (value);                    \
        IM__ATOMIC_PUT(at, &new, order);                    \
    })

#define im__atomic_swap(self, text, value, order, at, new, old) \
    ({                                                          \
        IM__ATOMIC_OPEN(at, self, text);                        \
        const IM_TYPE(at) new = (value);                        \
        IM__ATOMIC_TYPE(at) old;                                \
        IM__ATOMIC_EXCHANGE(at, &new, &old, order);             \
        old;                                                    \
    })

#define im__atomic_take(self, text, order, at, zero, old) \
    ({                                                    \
        IM__ATOMIC_OPEN(at, self, text);                  \
        IM__ATOMIC_TYPE(at) zero, old;                    \
        memset(&zero, 0, sizeof zero);                    \
        IM__ATOMIC_EXCHANGE(at, &zero, &old, order);      \
        old;                                              \
    })

/* Whether two values may be the same though their bytes differ. */
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define IM__ATOMIC_SEES_PADDING 1
#define im__atomic_clear_padding(value) __builtin_clear_padding(value)
#endif
#endif
#ifndef IM__ATOMIC_SEES_PADDING
#define IM__ATOMIC_SEES_PADDING 0
#define im__atomic_clear_padding(value) ((void)(value))
#endif
#define IM__ATOMIC_MAY_HAVE_PADDING(T) (!IM_IS_SCALAR(T) || _Generic((T *)0, long double * : 1, default : 0))
#define IM__ATOMIC_REQUIRE_COMPARABLE(self, sentence) \
    IM_REQUIRE(IM__ATOMIC_SEES_PADDING || !IM__ATOMIC_MAY_HAVE_PADDING(IM_TYPE(self)), sentence)

/* `one` and `other` point to the bytes of a T each, and those differ. */
#define im__atomic_is_same_bytes(T, one, other) false
#define im__atomic_is_same(T, one, other)                 \
    __builtin_choose_expr(IM__ATOMIC_MAY_HAVE_PADDING(T), \
                          im__atomic_is_same_value(T, one, other, IM_UNIQUE(a), IM_UNIQUE(b)), false)
#define im__atomic_is_same_value(T, one, other, a, b) \
    ({                                                \
        T a, b;                                       \
        memcpy(&a, one, sizeof a);                    \
        memcpy(&b, other, sizeof b);                  \
        im__atomic_clear_padding(&a);                 \
        im__atomic_clear_padding(&b);                 \
        memcmp(&a, &b, sizeof a) == 0;                \
    })

/* First with the bytes of *expected, then, while the value is the same, with those that were found. */
#define im__atomic_compare_exchange(self, text, expected, desired, order, is_same, at, want, new, by, seen, found, \
                                    done)                                                                          \
    ({                                                                                                             \
        IM__ATOMIC_OPEN(at, self, text);                                                                           \
        IM__ATOMIC_TYPE(at) *want = (expected);                                                                    \
        const IM_TYPE(at) new = (desired);                                                                         \
        const int by = IM__ATOMIC_ORDER(order);                                                                    \
        IM__ATOMIC_BYTES(at) seen, found;                                                                          \
        memcpy(&seen, want, sizeof seen);                                                                          \
        bool done;                                                                                                 \
        while (!(done = IM__ATOMIC_EXCHANGE_IF(at, &seen, &new, &found, by)) &&                                    \
               is_same(IM__ATOMIC_TYPE(at), &found, want))                                                         \
            seen = found;                                                                                          \
        if (!done)                                                                                                 \
            memcpy(want, &found, sizeof found);                                                                    \
        done;                                                                                                      \
    })

#define im__atomic_compare_exchange_by(self, text, eq, expected, desired, order, at, want, new, by, seen, found, \
                                       value, done)                                                              \
    ({                                                                                                           \
        IM__ATOMIC_OPEN(at, self, text);                                                                         \
        IM__ATOMIC_TYPE(at) *want = (expected);                                                                  \
        const IM_TYPE(at) new = (desired);                                                                       \
        const int by = IM__ATOMIC_ORDER(order);                                                                  \
        IM__ATOMIC_BYTES(at) seen, found;                                                                        \
        IM__ATOMIC_TYPE(at) value;                                                                               \
        bool done = false;                                                                                       \
        IM__ATOMIC_GET(at, &found, im__atomic_load_part(by));                                                    \
        do {                                                                                                     \
            seen = found;                                                                                        \
            memcpy(&value, &seen, sizeof value);                                                                 \
        } while ((eq)((const IM__ATOMIC_TYPE(at) *)&value, (const IM__ATOMIC_TYPE(at) *)want) &&                 \
                 !(done = IM__ATOMIC_EXCHANGE_IF(at, &seen, &new, &found, by)));                                 \
        if (!done)                                                                                               \
            memcpy(want, &seen, sizeof seen);                                                                    \
        done;                                                                                                    \
    })

#define im__atomic_fetch_update(self, text, name, expression, order, old)        \
    ({                                                                           \
        IM_TYPE(self) old;                                                       \
        (void)im__atomic_update(self, text, name, true, expression, order, old); \
        old;                                                                     \
    })
#define im__atomic_try_update(self, text, name, condition, expression, order, old) \
    ({                                                                             \
        IM_TYPE(self) old;                                                         \
        im__atomic_update(self, text, name, condition, expression, order, old);    \
    })

/*
 * bool: whether the update took place; `old` is the value that it met last. After the declaration of `name` the macro's
 * own arguments may mean something else: only the locals are used.
 */
#define im__atomic_update(self, text, name, condition, expression, order, old)                              \
    im__atomic_update_by(self, text, name, condition, expression, order, old, IM_UNIQUE(at), IM_UNIQUE(by), \
                         IM_UNIQUE(seen), IM_UNIQUE(found), IM_UNIQUE(new), IM_UNIQUE(done))
#define im__atomic_update_by(self, text, name, condition, expression, order, old, at, by, seen, found, new, done) \
    ({                                                                                                            \
        IM__ATOMIC_OPEN(at, self, text);                                                                          \
        const int by = IM__ATOMIC_ORDER(order);                                                                   \
        bool done = false;                                                                                        \
        IM__ATOMIC_BYTES(at) seen, found;                                                                         \
        IM__ATOMIC_GET(at, &found, im__atomic_load_part(by));                                                     \
        while (!done) {                                                                                           \
            seen = found;                                                                                         \
            memcpy(&old, &seen, sizeof old);                                                                      \
            IM__ATOMIC_TYPE(at) name = old;                                                                       \
            if (!(condition))                                                                                     \
                break;                                                                                            \
            const IM_TYPE(at) new = (expression);                                                                 \
            done = IM__ATOMIC_EXCHANGE_IF(at, &seen, &new, &found, by);                                           \
        }                                                                                                         \
        done;                                                                                                     \
    })

/*
 * Arithmetic. `operation` is a macro that gets the object, the operand as a T and as a number of T's size, and the
 * order. It is one built-in on a word, and an update otherwise.
 */
__extension__ typedef unsigned __int128 im__atomic_u128;
/* An unsigned type of T's size: its arithmetic wraps. */
#define IM__ATOMIC_NUMBER_TYPE(T) \
    __typeof__(__builtin_choose_expr(sizeof(T) == 16, (im__atomic_u128)0, (IM__ATOMIC_WORD_TYPE(T))0))
#define IM__ATOMIC_NUMBER(at, value) \
    ((IM__ATOMIC_NUMBER_TYPE(IM__ATOMIC_TYPE(at))) __builtin_choose_expr(IM_IS_FLOATING(IM__ATOMIC_TYPE(at)), 0, value))

/* By what T must be. `name` is only pasted: <iso646.h> makes operators of some of them. */
#define IM__ATOMIC_FETCH_NUMBER(self, operand, name, order)                                                          \
    im__atomic_fetch(self, operand, IM_IS_INTEGER(IM_TYPE(self)) || IM_IS_FLOATING(IM_TYPE(self)),                   \
                     "atomic: fetch_" #name " needs an im_atomic of an integer, float or double", im__atomic_##name, \
                     order)
#define IM__ATOMIC_FETCH_INTEGER(self, operand, name, order)      \
    im__atomic_fetch(self, operand, IM_IS_INTEGER(IM_TYPE(self)), \
                     "atomic: fetch_" #name " needs an im_atomic of an integer", im__atomic_##name, order)
#define IM__ATOMIC_FETCH_BITS(self, operand, name, order)                                      \
    im__atomic_fetch(self, operand, IM_IS_INTEGER(IM_TYPE(self)) || IM_IS_BOOL(IM_TYPE(self)), \
                     "atomic: fetch_" #name " needs an im_atomic of an integer or bool", im__atomic_##name, order)

#define im__atomic_fetch(self, given, condition, sentence, operation, order) \
    (IM__ATOMIC_CHECK(self, sentence), IM_REQUIRE(condition, sentence),      \
     im__atomic_fetch_by(self, #self, given, operation, order, IM_UNIQUE(at), IM_UNIQUE(operand), IM_UNIQUE(number)))
#define im__atomic_fetch_by(self, text, given, operation, order, at, operand, number)              \
    ({                                                                                             \
        IM__ATOMIC_OPEN(at, self, text);                                                           \
        const IM_TYPE(at) operand = (given);                                                       \
        const IM__ATOMIC_NUMBER_TYPE(IM__ATOMIC_TYPE(at)) number = IM__ATOMIC_NUMBER(at, operand); \
        (void)number;                                                                              \
        (IM__ATOMIC_TYPE(at))(operation(at, operand, number, order));                              \
    })

/* A call of a built-in on a word that is an integer, and otherwise an update, in which n is the value. */
#define IM__ATOMIC_ONE_OF(at, built_in, number, order, n, ...)                                \
    __builtin_choose_expr(                                                                    \
        IM__ATOMIC_CHOICE(at) == IM__ATOMIC_WORD && !IM_IS_FLOATING(IM__ATOMIC_TYPE(at)),     \
        built_in(IM__ATOMIC_AS_WORD(at), (IM__ATOMIC_WORD_TYPE(IM__ATOMIC_TYPE(at)))(number), \
                 IM__ATOMIC_ORDER(order)),                                                    \
        im__atomic_fetch_update(at, "", n, (IM__ATOMIC_TYPE(at))(__VA_ARGS__), order, IM_UNIQUE(old)))

#define im__atomic_add(at, operand, number, order) im__atomic_add_by(at, operand, number, order, IM_UNIQUE(n))
#define im__atomic_add_by(at, operand, number, order, n) \
    IM__ATOMIC_ONE_OF(                                   \
        at, im_sync_fetch_add, number, order, n,         \
        __builtin_choose_expr(IM_IS_FLOATING(IM__ATOMIC_TYPE(at)), n + operand, IM__ATOMIC_NUMBER(at, n) + number))
#define im__atomic_sub(at, operand, number, order) \
    im__atomic_infix(at, im_sync_fetch_sub, -, number, order, IM_UNIQUE(n))
#define im__atomic_and(at, operand, number, order) \
    im__atomic_infix(at, im_sync_fetch_and, &, number, order, IM_UNIQUE(n))
#define im__atomic_or(at, operand, number, order) im__atomic_infix(at, im_sync_fetch_or, |, number, order, IM_UNIQUE(n))
#define im__atomic_xor(at, operand, number, order) \
    im__atomic_infix(at, im_sync_fetch_xor, ^, number, order, IM_UNIQUE(n))
#define im__atomic_infix(at, built_in, operator, number, order, n) \
    IM__ATOMIC_ONE_OF(at, built_in, number, order, n, IM__ATOMIC_NUMBER(at, n) operator number)
/* Of a bool: not (old and true) is the opposite of old, not (old and false) is true. */
#define im__atomic_nand(at, operand, number, order)                                                               \
    __builtin_choose_expr(IM_IS_BOOL(IM__ATOMIC_TYPE(at)), im__atomic_nand_bool(at, number, order, IM_UNIQUE(n)), \
                          im__atomic_nand_by(at, number, order, IM_UNIQUE(n)))
#define im__atomic_nand_by(at, number, order, n)                \
    IM__ATOMIC_ONE_OF(at, im_sync_fetch_nand, number, order, n, \
                      (IM__ATOMIC_NUMBER(at, n) & number) ^ IM__ATOMIC_NUMBER(at, -1))
#define im__atomic_nand_bool(at, number, order, n)                      \
    (number ? IM__ATOMIC_ONE_OF(at, im_sync_fetch_xor, 1, order, n, !n) \
            : IM__ATOMIC_ONE_OF(at, im_sync_exchange, 1, order, n, 1))

/* n, or the operand if n is on its wrong side. A NaN loses. No fmax: that may be a call of libm. */
#define IM__ATOMIC_IS_NAN(a) __builtin_choose_expr(IM_IS_FLOATING(__typeof__(a)), __builtin_isnan((double)(a)), 0)
#define im__atomic_max(at, operand, number, order) im__atomic_unless(at, <, operand, order, IM_UNIQUE(n))
#define im__atomic_min(at, operand, number, order) im__atomic_unless(at, >, operand, order, IM_UNIQUE(n))
#define im__atomic_unless(at, is_wrong, operand, order, n)                                                        \
    im__atomic_fetch_update(at, "", n, (__typeof__(n))(IM__ATOMIC_IS_NAN(n) || n is_wrong operand ? operand : n), \
                            order, IM_UNIQUE(old))

#endif
