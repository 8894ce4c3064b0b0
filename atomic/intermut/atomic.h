/* SPDX-License-Identifier: MIT */
/**
 * @file atomic.h
 * A value that many threads may read and replace at the same time: a cell across threads.
 *
 * Use it for counters, flags, states, small records: plain data (T is Copy) of 1, 2, 4 or 8 bytes, in one machine
 * atomic without any library call. Not for values that own memory, and not where two values must change together.
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
 * Orders: loads acquire, stores release, read-modify-writes do both; so what a thread did before its store is visible
 * to whoever loads that value. Every operation has an `_explicit` form that takes a memory_order instead.
 *
 * Every operation is lock-free. A zeroed object holds a zeroed T. Same size as T, aligned to that size.
 * Never define one const: a load of 8 bytes would do, but a store to read-only memory is a crash.
 * Source: crossbeam's AtomicCell, with the integer operations of C11 and portable-atomic.
 */
#ifndef INTERMUT_ATOMIC_H
#define INTERMUT_ATOMIC_H

#include <string.h>

#include <intermut/sync.h>
#include <intermut/unsafe_cell.h>

/** An atomic T. Name the type once: `typedef im_atomic(T) name;`. */
#define im_atomic(T)                                                                                                   \
    struct {                                                                                                           \
        _Static_assert(IM__ATOMIC_FITS(T), "atomic: T must have 1, 2, 4 or 8 bytes; larger values are not there yet"); \
        __typeof__(T) im_value __attribute__((aligned(IM__ATOMIC_ALIGNMENT(T))));                                      \
        IM_TAGS(atomic, T);                                                                                            \
    }

/** Static initialiser; the argument initialises the T: `IM_ATOMIC_INIT(3)`, `IM_ATOMIC_INIT({1, 2})`. */
#define IM_ATOMIC_INIT(...)     \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T: the value. Shared. Order: acquire; pairs with the release of any store, swap or update of this object. */
#define im_atomic_load(self) im_atomic_load_explicit(self, memory_order_acquire)
#define im_atomic_load_explicit(self, order)                                                                         \
    ({                                                                                                               \
        IM__ATOMIC_CHECK(self, "atomic: load needs an im_atomic");                                                   \
        IM_REQUIRE(IM__ATOMIC_IS_NOT(order, memory_order_release) && IM__ATOMIC_IS_NOT(order, memory_order_acq_rel), \
                   "atomic: a load cannot release");                                                                 \
        IM__ATOMIC_FROM_WORD(self, im_sync_load(IM__ATOMIC_WORD(self), IM__ATOMIC_ORDER(order)));                    \
    })

/** Replace the value. Shared. Order: release; pairs with the acquire of a load. */
#define im_atomic_store(self, value) im_atomic_store_explicit(self, value, memory_order_release)
#define im_atomic_store_explicit(self, value, order)                                                                   \
    ({                                                                                                                 \
        IM__ATOMIC_CHECK(self, "atomic: store needs an im_atomic");                                                    \
        IM_REQUIRE(IM__ATOMIC_IS_NOT(order, memory_order_acquire) && IM__ATOMIC_IS_NOT(order, memory_order_consume) && \
                       IM__ATOMIC_IS_NOT(order, memory_order_acq_rel),                                                 \
                   "atomic: a store cannot acquire");                                                                  \
        im_sync_store(IM__ATOMIC_WORD(self), IM__ATOMIC_TO_WORD(self, value), IM__ATOMIC_ORDER(order));                \
    })

/** T: the old value, with `value` put in its place. Shared. */
#define im_atomic_swap(self, value) im_atomic_swap_explicit(self, value, memory_order_acq_rel)
#define im_atomic_swap_explicit(self, value, order)                                                                   \
    ({                                                                                                                \
        IM__ATOMIC_CHECK(self, "atomic: swap needs an im_atomic");                                                    \
        IM__ATOMIC_FROM_WORD(                                                                                         \
            self, im_sync_exchange(IM__ATOMIC_WORD(self), IM__ATOMIC_TO_WORD(self, value), IM__ATOMIC_ORDER(order))); \
    })

/** T: the old value, with a zeroed T put in its place. Shared. */
#define im_atomic_take(self) im_atomic_take_explicit(self, memory_order_acq_rel)
#define im_atomic_take_explicit(self, order) im_atomic_swap_explicit(self, (IM_TYPE(self)){0}, order)

/**
 * bool: put `desired` in place of the value if that equals *expected; otherwise *expected becomes the value. Shared.
 *
 * Never fails for no reason. Compares bytes: of a T with padding, the padding too. `expected` is a T *, private to
 * the caller. Order: acq_rel, and acquire on failure; in the explicit form a failure has the load part of `order`.
 */
#define im_atomic_compare_exchange(self, expected, desired) \
    im_atomic_compare_exchange_explicit(self, expected, desired, memory_order_acq_rel)
#define im_atomic_compare_exchange_explicit(self, expected, desired, order)                                     \
    ({                                                                                                          \
        IM__ATOMIC_CHECK(self, "atomic: compare_exchange needs an im_atomic");                                  \
        IM_REQUIRE_SAME_TYPE(__typeof__(expected), IM_TYPE(self) *, "atomic: expected must be a pointer to T"); \
        IM_TYPE(self) *im__cas_expected = (expected);                                                           \
        const int im__cas_order = IM__ATOMIC_ORDER(order);                                                      \
        im__atomic_compare_exchange(self, im__cas_expected, desired, im__cas_order);                            \
    })

/**
 * T: the old value; the new one is computed from it: `im_atomic_fetch_update(&best, n, n < mine ? mine : n)` binds n
 * to a copy of the value and stores what the expression gives, as one atomic step. Shared.
 *
 * The expression runs again when another thread was faster: it must have no side effects. Lock-free.
 */
#define im_atomic_fetch_update(self, name, expression) \
    im_atomic_fetch_update_explicit(self, name, expression, memory_order_acq_rel)
#define im_atomic_fetch_update_explicit(self, name, expression, order)          \
    ({                                                                          \
        IM__ATOMIC_CHECK(self, "atomic: fetch_update needs an im_atomic");      \
        IM_TYPE(self) im__update_old;                                           \
        im__atomic_update(self, name, true, expression, order, im__update_old); \
        im__update_old;                                                         \
    })

/**
 * bool: im_atomic_fetch_update that gives up, and changes nothing, when `condition` is false for the value:
 * `im_atomic_try_update(&stock, n, n > 0, n - 1)` takes one from the stock if there is one. Shared.
 */
#define im_atomic_try_update(self, name, condition, expression) \
    im_atomic_try_update_explicit(self, name, condition, expression, memory_order_acq_rel)
#define im_atomic_try_update_explicit(self, name, condition, expression, order)      \
    ({                                                                               \
        IM__ATOMIC_CHECK(self, "atomic: try_update needs an im_atomic");             \
        IM_TYPE(self) im__update_old;                                                \
        im__atomic_update(self, name, condition, expression, order, im__update_old); \
    })

/*
 * T: the old value; the new one is (old op operand), as one atomic step. Shared. Order: acq_rel.
 * Integers wrap around, signed ones too. and, nand, or, xor also for bool; add, max, min also for float and double,
 * where rounding is that of the plain operation and a NaN loses against a number in max and min.
 */
#define im_atomic_fetch_add(self, operand) im_atomic_fetch_add_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_sub(self, operand) im_atomic_fetch_sub_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_and(self, operand) im_atomic_fetch_and_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_nand(self, operand) im_atomic_fetch_nand_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_or(self, operand) im_atomic_fetch_or_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_xor(self, operand) im_atomic_fetch_xor_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_max(self, operand) im_atomic_fetch_max_explicit(self, operand, memory_order_acq_rel)
#define im_atomic_fetch_min(self, operand) im_atomic_fetch_min_explicit(self, operand, memory_order_acq_rel)

#define im_atomic_fetch_add_explicit(self, operand, order)                                                \
    im__atomic_fetch(                                                                                     \
        self, operand, IM__ATOMIC_IS_NUMBER(self), "atomic: fetch_add needs an integer, float or double", \
        __builtin_choose_expr(IM_IS_FLOATING(IM_TYPE(self)),                                              \
                              im_atomic_fetch_update_explicit(self, im__n, im__n + im__operand, order),   \
                              im_sync_fetch_add(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order))))
#define im_atomic_fetch_max_explicit(self, operand, order)                                                             \
    im__atomic_fetch(self, operand, IM__ATOMIC_IS_NUMBER(self), "atomic: fetch_max needs an integer, float or double", \
                     im_atomic_fetch_update_explicit(self, im__n, IM__ATOMIC_MAX(im__n, im__operand), order))
#define im_atomic_fetch_min_explicit(self, operand, order)                                                             \
    im__atomic_fetch(self, operand, IM__ATOMIC_IS_NUMBER(self), "atomic: fetch_min needs an integer, float or double", \
                     im_atomic_fetch_update_explicit(self, im__n, IM__ATOMIC_MIN(im__n, im__operand), order))
#define im_atomic_fetch_sub_explicit(self, operand, order)                                              \
    im__atomic_fetch(self, operand, IM_IS_INTEGER(IM_TYPE(self)), "atomic: fetch_sub needs an integer", \
                     im_sync_fetch_sub(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order)))
#define im_atomic_fetch_and_explicit(self, operand, order)                                                   \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), "atomic: fetch_and needs an integer or bool", \
                     im_sync_fetch_and(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order)))
#define im_atomic_fetch_or_explicit(self, operand, order)                                                   \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), "atomic: fetch_or needs an integer or bool", \
                     im_sync_fetch_or(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order)))
#define im_atomic_fetch_xor_explicit(self, operand, order)                                                   \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), "atomic: fetch_xor needs an integer or bool", \
                     im_sync_fetch_xor(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order)))
/* Of a bool: not (old and true) is the opposite of old, not (old and false) is true. */
#define im_atomic_fetch_nand_explicit(self, operand, order)                                                   \
    im__atomic_fetch(                                                                                         \
        self, operand, IM__ATOMIC_HAS_BITS(self), "atomic: fetch_nand needs an integer or bool",              \
        __builtin_choose_expr(IM_IS_BOOL(IM_TYPE(self)),                                                      \
                              im__word ? im_sync_fetch_xor(IM__ATOMIC_WORD(self), 1, IM__ATOMIC_ORDER(order)) \
                                       : im_sync_exchange(IM__ATOMIC_WORD(self), 1, IM__ATOMIC_ORDER(order)), \
                              im_sync_fetch_nand(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order))))

/** bool: the old value, with its opposite put in its place. Shared. For bool. */
#define im_atomic_fetch_not(self) im_atomic_fetch_not_explicit(self, memory_order_acq_rel)
#define im_atomic_fetch_not_explicit(self, order)                                             \
    im__atomic_fetch(self, true, IM_IS_BOOL(IM_TYPE(self)), "atomic: fetch_not needs a bool", \
                     im_sync_fetch_xor(IM__ATOMIC_WORD(self), im__word, IM__ATOMIC_ORDER(order)))

/** bool, a constant: whether operations on this object never take a lock. */
#define im_atomic_is_lock_free(self) \
    (IM__ATOMIC_CHECK(self, "atomic: is_lock_free needs an im_atomic"), IM__ATOMIC_FITS(IM_TYPE(self)))

/**
 * T *: the object's memory, for a system call or other atomics. Shared: while others use it, only atomic accesses are
 * allowed.
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

/* How: T is to the machine a word of the same size; values are turned into words and back by their bytes. */

typedef uint8_t IM_MAY_ALIAS im_word_1;
typedef uint16_t IM_MAY_ALIAS im_word_2;
typedef uint32_t IM_MAY_ALIAS im_word_4;
typedef uint64_t IM_MAY_ALIAS im_word_8;

#define IM__ATOMIC_FITS(T) (sizeof(T) == 1 || sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8)
#define IM__ATOMIC_ALIGNMENT(T) (IM__ATOMIC_FITS(T) ? sizeof(T) : 1)
#define IM__ATOMIC_CHECK(self, sentence) IM_REQUIRE(IM_IS_KIND(self, atomic), sentence)
#define IM__ATOMIC_HAS_BITS(self) (IM_IS_INTEGER(IM_TYPE(self)) || IM_IS_BOOL(IM_TYPE(self)))
#define IM__ATOMIC_IS_NUMBER(self) (IM_IS_INTEGER(IM_TYPE(self)) || IM_IS_FLOATING(IM_TYPE(self)))
/* True also where the order is not a constant: then C11 leaves it to run time. */
#define IM__ATOMIC_IS_NOT(order, unwanted) \
    (__builtin_choose_expr(__builtin_constant_p(order), (order), memory_order_relaxed) != (unwanted))

/* The built-ins take an int; clang minds the difference. */
#define IM__ATOMIC_ORDER(order) ((int)(order))

#define IM__ATOMIC_WORD_TYPE(self)                                      \
    __typeof__(__builtin_choose_expr(                                   \
        sizeof(IM_TYPE(self)) == 1, (im_word_1)0,                       \
        __builtin_choose_expr(sizeof(IM_TYPE(self)) == 2, (im_word_2)0, \
                              __builtin_choose_expr(sizeof(IM_TYPE(self)) == 4, (im_word_4)0, (im_word_8)0))))
#define IM__ATOMIC_WORD(self) ((IM__ATOMIC_WORD_TYPE(self) *)(void *)im_unsafe_cell_get(self))
#define IM__ATOMIC_TO_WORD(self, value)                               \
    ({                                                                \
        const IM_TYPE(self) im__to_word_value = (value);              \
        IM__ATOMIC_WORD_TYPE(self) im__to_word;                       \
        memcpy(&im__to_word, &im__to_word_value, sizeof im__to_word); \
        im__to_word;                                                  \
    })
#define IM__ATOMIC_FROM_WORD(self, word)                                          \
    ({                                                                            \
        const IM__ATOMIC_WORD_TYPE(self) im__from_word = (word);                  \
        IM_TYPE(self) im__from_word_value;                                        \
        memcpy(&im__from_word_value, &im__from_word, sizeof im__from_word_value); \
        im__from_word_value;                                                      \
    })

/* A NaN loses. No fmax: that may be a call of libm. */
#define IM__ATOMIC_IS_NAN(a) __builtin_choose_expr(IM_IS_FLOATING(__typeof__(a)), __builtin_isnan((double)(a)), 0)
#define IM__ATOMIC_MAX(a, b) (IM__ATOMIC_IS_NAN(a) || (a) < (b) ? (b) : (a))
#define IM__ATOMIC_MIN(a, b) (IM__ATOMIC_IS_NAN(a) || (a) > (b) ? (b) : (a))

/* The failure order of a compare-exchange whose success order is `order`: the same without its release part. */
IM_INLINE int im__atomic_load_part(int order)
{
    if (order == memory_order_acq_rel)
        return memory_order_acquire;
    return order == memory_order_release ? memory_order_relaxed : order;
}

/* The operation sees the operand as a T in im__operand and as a number of T's size in im__word. */
#define im__atomic_fetch(self, operand, condition, sentence, operation)                                        \
    ({                                                                                                         \
        IM__ATOMIC_CHECK(self, sentence);                                                                      \
        IM_REQUIRE(condition, sentence);                                                                       \
        const IM_TYPE(self) im__operand = (operand);                                                           \
        const IM__ATOMIC_WORD_TYPE(self) im__word =                                                            \
            (IM__ATOMIC_WORD_TYPE(self)) __builtin_choose_expr(IM_IS_FLOATING(IM_TYPE(self)), 0, im__operand); \
        (void)im__word;                                                                                        \
        (IM_TYPE(self))(operation);                                                                            \
    })

/* bool: whether `desired` was put in; otherwise *expected is what was there. `expected` and `order` are plain names. */
#define im__atomic_compare_exchange(self, expected, desired, order)                                                  \
    ({                                                                                                               \
        IM__ATOMIC_WORD_TYPE(self) im__cas_seen = IM__ATOMIC_TO_WORD(self, *(expected));                             \
        bool im__cas_done =                                                                                          \
            im_sync_compare_exchange(IM__ATOMIC_WORD(self), &im__cas_seen, IM__ATOMIC_TO_WORD(self, desired), order, \
                                     im__atomic_load_part(order));                                                   \
        if (!im__cas_done)                                                                                           \
            *(expected) = IM__ATOMIC_FROM_WORD(self, im__cas_seen);                                                  \
        im__cas_done;                                                                                                \
    })

/* bool: whether the update took place; `old` is the value that it met last. */
#define im__atomic_update(self, name, condition, expression, order, old)                                               \
    ({                                                                                                                 \
        const __typeof__(*(self)) *im__update_self = (self);                                                           \
        const int im__update_order = IM__ATOMIC_ORDER(order);                                                          \
        bool im__update_done = false;                                                                                  \
        (old) = IM__ATOMIC_FROM_WORD(                                                                                  \
            im__update_self, im_sync_load(IM__ATOMIC_WORD(im__update_self), im__atomic_load_part(im__update_order)));  \
        while (!im__update_done) {                                                                                     \
            IM_TYPE(self) name = (old);                                                                                \
            if (!(condition))                                                                                          \
                break;                                                                                                 \
            im__update_done =                                                                                          \
                im__atomic_compare_exchange(im__update_self, &(old), (__typeof__(old))(expression), im__update_order); \
        }                                                                                                              \
        im__update_done;                                                                                               \
    })

#endif
