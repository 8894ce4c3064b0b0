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
#define im_atomic(T)                                                                  \
    struct {                                                                          \
        _Static_assert(IM__ATOMIC_FITS(T), "atomic: T must have 1, 2, 4 or 8 bytes"); \
        __typeof__(T) im_value __attribute__((aligned(IM__ATOMIC_ALIGNMENT(T))));     \
        IM_TAGS(atomic, T);                                                           \
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

/** Replace the value: `im_atomic_store(object, value)`. Shared. Order: release; pairs with the acquire of a load. */
#define im_atomic_store(self, ...) im_atomic_store_explicit(self, (__VA_ARGS__), memory_order_release)
#define im_atomic_store_explicit(self, value, order)                                                                   \
    ({                                                                                                                 \
        IM__ATOMIC_CHECK(self, "atomic: store needs an im_atomic");                                                    \
        IM_REQUIRE(IM__ATOMIC_IS_NOT(order, memory_order_acquire) && IM__ATOMIC_IS_NOT(order, memory_order_consume) && \
                       IM__ATOMIC_IS_NOT(order, memory_order_acq_rel),                                                 \
                   "atomic: a store cannot acquire");                                                                  \
        im_sync_store(IM__ATOMIC_WORD(self), IM__ATOMIC_TO_WORD(self, value), IM__ATOMIC_ORDER(order));                \
    })

/** T: the old value, with another put in its place: `im_atomic_swap(object, value)`. Shared. */
#define im_atomic_swap(self, ...) im_atomic_swap_explicit(self, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_swap_explicit(self, value, order)                                                                   \
    ({                                                                                                                \
        IM__ATOMIC_CHECK(self, "atomic: swap needs an im_atomic");                                                    \
        IM__ATOMIC_FROM_WORD(                                                                                         \
            self, im_sync_exchange(IM__ATOMIC_WORD(self), IM__ATOMIC_TO_WORD(self, value), IM__ATOMIC_ORDER(order))); \
    })

/** T: the old value, with a zeroed T put in its place. Shared. */
#define im_atomic_take(self) im_atomic_take_explicit(self, memory_order_acq_rel)
#define im_atomic_take_explicit(self, order)                    \
    (IM__ATOMIC_CHECK(self, "atomic: take needs an im_atomic"), \
     im_atomic_swap_explicit(self, (IM_TYPE(self)){0}, order))

/**
 * bool: `im_atomic_compare_exchange(object, expected, desired)` puts `desired` in place of the value if that equals
 * *expected; otherwise *expected becomes the value. Shared.
 *
 * Never fails for no reason. Compares bytes: of a T with padding, the padding too. `expected` is a T *, private to
 * the caller. Order: acq_rel, and acquire on failure; in the explicit form a failure has the load part of `order`.
 */
#define im_atomic_compare_exchange(self, expected, ...) \
    im_atomic_compare_exchange_explicit(self, expected, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_compare_exchange_explicit(self, expected, desired, order)                                  \
    (IM__ATOMIC_CHECK(self, "atomic: compare_exchange needs an im_atomic"),                                  \
     IM_REQUIRE_SAME_TYPE(__typeof__(expected), IM_TYPE(self) *, "atomic: expected must be a pointer to T"), \
     im__atomic_compare_exchange(self, expected, desired, order))

/**
 * T: the old value; the new one is computed from it: `im_atomic_fetch_update(&best, n, n < mine ? mine : n)` binds n
 * to a copy of the value and stores what the expression gives, as one atomic step. Shared.
 *
 * The expression runs again when another thread was faster: it must have no side effects. Lock-free.
 */
#define im_atomic_fetch_update(self, name, ...) \
    im_atomic_fetch_update_explicit(self, name, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_fetch_update_explicit(self, name, expression, order)  \
    (IM__ATOMIC_CHECK(self, "atomic: fetch_update needs an im_atomic"), \
     im__atomic_fetch_update(self, name, expression, order, IM_UNIQUE(old)))

/**
 * bool: im_atomic_fetch_update that gives up, and changes nothing, when `condition` is false for the value:
 * `im_atomic_try_update(&stock, n, n > 0, n - 1)` takes one from the stock if there is one. Shared.
 */
#define im_atomic_try_update(self, name, condition, ...) \
    im_atomic_try_update_explicit(self, name, condition, (__VA_ARGS__), memory_order_acq_rel)
#define im_atomic_try_update_explicit(self, name, condition, expression, order) \
    (IM__ATOMIC_CHECK(self, "atomic: try_update needs an im_atomic"),           \
     im__atomic_try_update(self, name, condition, expression, order, IM_UNIQUE(old)))

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

#define im_atomic_fetch_add_explicit(self, operand, order)      \
    im__atomic_fetch(self, operand, IM__ATOMIC_IS_NUMBER(self), \
                     "atomic: fetch_add needs an im_atomic of an integer, float or double", im__atomic_add, order)
#define im_atomic_fetch_max_explicit(self, operand, order)      \
    im__atomic_fetch(self, operand, IM__ATOMIC_IS_NUMBER(self), \
                     "atomic: fetch_max needs an im_atomic of an integer, float or double", im__atomic_max, order)
#define im_atomic_fetch_min_explicit(self, operand, order)      \
    im__atomic_fetch(self, operand, IM__ATOMIC_IS_NUMBER(self), \
                     "atomic: fetch_min needs an im_atomic of an integer, float or double", im__atomic_min, order)
#define im_atomic_fetch_sub_explicit(self, operand, order)        \
    im__atomic_fetch(self, operand, IM_IS_INTEGER(IM_TYPE(self)), \
                     "atomic: fetch_sub needs an im_atomic of an integer", im__atomic_sub, order)
#define im_atomic_fetch_and_explicit(self, operand, order)     \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), \
                     "atomic: fetch_and needs an im_atomic of an integer or bool", im__atomic_and, order)
#define im_atomic_fetch_or_explicit(self, operand, order)      \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), \
                     "atomic: fetch_or needs an im_atomic of an integer or bool", im__atomic_or, order)
#define im_atomic_fetch_xor_explicit(self, operand, order)     \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), \
                     "atomic: fetch_xor needs an im_atomic of an integer or bool", im__atomic_xor, order)
#define im_atomic_fetch_nand_explicit(self, operand, order)    \
    im__atomic_fetch(self, operand, IM__ATOMIC_HAS_BITS(self), \
                     "atomic: fetch_nand needs an im_atomic of an integer or bool", im__atomic_nand, order)

/** bool: the old value, with its opposite put in its place. Shared. For bool. */
#define im_atomic_fetch_not(self) im_atomic_fetch_not_explicit(self, memory_order_acq_rel)
#define im_atomic_fetch_not_explicit(self, order)                                                             \
    im__atomic_fetch(self, true, IM_IS_BOOL(IM_TYPE(self)), "atomic: fetch_not needs an im_atomic of a bool", \
                     im__atomic_xor, order)

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
#define IM__ATOMIC_CHECK(self, sentence) IM_REQUIRE_KIND(self, atomic, sentence)
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
#define IM__ATOMIC_TO_WORD(self, given) im__atomic_to_word(self, given, IM_UNIQUE(value), IM_UNIQUE(word))
#define im__atomic_to_word(self, given, value, word) \
    ({                                               \
        const IM_TYPE(self) value = (given);         \
        IM__ATOMIC_WORD_TYPE(self) word;             \
        memcpy(&word, &value, sizeof word);          \
        word;                                        \
    })
#define IM__ATOMIC_FROM_WORD(self, given) im__atomic_from_word(self, given, IM_UNIQUE(word), IM_UNIQUE(value))
#define im__atomic_from_word(self, given, word, value)   \
    ({                                                   \
        const IM__ATOMIC_WORD_TYPE(self) word = (given); \
        IM_TYPE(self) value;                             \
        memcpy(&value, &word, sizeof value);             \
        value;                                           \
    })

/* A NaN loses. No fmax: that may be a call of libm. */
#define IM__ATOMIC_IS_NAN(a) __builtin_choose_expr(IM_IS_FLOATING(__typeof__(a)), __builtin_isnan((double)(a)), 0)
#define IM__ATOMIC_MAX(a, b) (__typeof__(a))(IM__ATOMIC_IS_NAN(a) || (a) < (b) ? (b) : (a))
#define IM__ATOMIC_MIN(a, b) (__typeof__(a))(IM__ATOMIC_IS_NAN(a) || (a) > (b) ? (b) : (a))

/* The failure order of a compare-exchange whose success order is `order`: the same without its release part. */
IM_INLINE int im__atomic_load_part(int order)
{
    if (order == memory_order_acq_rel)
        return memory_order_acquire;
    return order == memory_order_release ? memory_order_relaxed : order;
}

/* `operation` is a macro that gets the object, the operand as a T and as a number of T's size, and the order. */
#define im__atomic_fetch(self, given, condition, sentence, operation, order) \
    (IM__ATOMIC_CHECK(self, sentence), IM_REQUIRE(condition, sentence),      \
     im__atomic_fetch_by(self, given, operation, order, IM_UNIQUE(operand), IM_UNIQUE(word)))
#define im__atomic_fetch_by(self, given, operation, order, operand, word)                                  \
    ({                                                                                                     \
        const IM_TYPE(self) operand = (given);                                                             \
        const IM__ATOMIC_WORD_TYPE(self) word =                                                            \
            (IM__ATOMIC_WORD_TYPE(self)) __builtin_choose_expr(IM_IS_FLOATING(IM_TYPE(self)), 0, operand); \
        (void)word;                                                                                        \
        (IM_TYPE(self))(operation(self, operand, word, order));                                            \
    })

#define im__atomic_add(self, operand, word, order)                                                                    \
    __builtin_choose_expr(IM_IS_FLOATING(IM_TYPE(self)), im__atomic_add_floating(self, operand, order, IM_UNIQUE(n)), \
                          im_sync_fetch_add(IM__ATOMIC_WORD(self), word, IM__ATOMIC_ORDER(order)))
#define im__atomic_add_floating(self, operand, order, n) im_atomic_fetch_update_explicit(self, n, n + operand, order)
#define im__atomic_sub(self, operand, word, order) \
    im_sync_fetch_sub(IM__ATOMIC_WORD(self), word, IM__ATOMIC_ORDER(order))
#define im__atomic_and(self, operand, word, order) \
    im_sync_fetch_and(IM__ATOMIC_WORD(self), word, IM__ATOMIC_ORDER(order))
#define im__atomic_or(self, operand, word, order) im_sync_fetch_or(IM__ATOMIC_WORD(self), word, IM__ATOMIC_ORDER(order))
#define im__atomic_xor(self, operand, word, order) \
    im_sync_fetch_xor(IM__ATOMIC_WORD(self), word, IM__ATOMIC_ORDER(order))
/* Of a bool: not (old and true) is the opposite of old, not (old and false) is true. */
#define im__atomic_nand(self, operand, word, order)                                                   \
    __builtin_choose_expr(IM_IS_BOOL(IM_TYPE(self)),                                                  \
                          word ? im_sync_fetch_xor(IM__ATOMIC_WORD(self), 1, IM__ATOMIC_ORDER(order)) \
                               : im_sync_exchange(IM__ATOMIC_WORD(self), 1, IM__ATOMIC_ORDER(order)), \
                          im_sync_fetch_nand(IM__ATOMIC_WORD(self), word, IM__ATOMIC_ORDER(order)))
#define im__atomic_max(self, operand, word, order) im__atomic_max_by(self, operand, order, IM_UNIQUE(n))
#define im__atomic_max_by(self, operand, order, n) \
    im_atomic_fetch_update_explicit(self, n, IM__ATOMIC_MAX(n, operand), order)
#define im__atomic_min(self, operand, word, order) im__atomic_min_by(self, operand, order, IM_UNIQUE(n))
#define im__atomic_min_by(self, operand, order, n) \
    im_atomic_fetch_update_explicit(self, n, IM__ATOMIC_MIN(n, operand), order)

/* bool: whether `desired` was put in; otherwise *expected is what was there. */
#define im__atomic_compare_exchange(self, expected, desired, order)                                               \
    im__atomic_compare_exchange_by(self, expected, desired, order, IM_UNIQUE(at), IM_UNIQUE(by), IM_UNIQUE(seen), \
                                   IM_UNIQUE(done))
#define im__atomic_compare_exchange_by(self, expected, desired, order, at, by, seen, done)                          \
    ({                                                                                                              \
        IM_TYPE(self) *at = (expected);                                                                             \
        const int by = IM__ATOMIC_ORDER(order);                                                                     \
        IM__ATOMIC_WORD_TYPE(self) seen = IM__ATOMIC_TO_WORD(self, *at);                                            \
        const bool done = im_sync_compare_exchange(IM__ATOMIC_WORD(self), &seen, IM__ATOMIC_TO_WORD(self, desired), \
                                                   by, im__atomic_load_part(by));                                   \
        if (!done)                                                                                                  \
            *at = IM__ATOMIC_FROM_WORD(self, seen);                                                                 \
        done;                                                                                                       \
    })

#define im__atomic_fetch_update(self, name, expression, order, old)  \
    ({                                                               \
        IM_TYPE(self) old;                                           \
        im__atomic_update(self, name, true, expression, order, old); \
        old;                                                         \
    })
#define im__atomic_try_update(self, name, condition, expression, order, old) \
    ({                                                                       \
        IM_TYPE(self) old;                                                   \
        im__atomic_update(self, name, condition, expression, order, old);    \
    })

/*
 * bool: whether the update took place; `old` is the value that it met last. After the declaration of `name` the macro's
 * own arguments may mean something else: only the locals are used.
 */
#define im__atomic_update(self, name, condition, expression, order, old)                                  \
    im__atomic_update_by(self, name, condition, expression, order, old, IM_UNIQUE(object), IM_UNIQUE(by), \
                         IM_UNIQUE(done))
#define im__atomic_update_by(self, name, condition, expression, order, old, object, by, done)                \
    ({                                                                                                       \
        const __typeof__(*(self)) *object = (self);                                                          \
        const int by = IM__ATOMIC_ORDER(order);                                                              \
        bool done = false;                                                                                   \
        old = IM__ATOMIC_FROM_WORD(object, im_sync_load(IM__ATOMIC_WORD(object), im__atomic_load_part(by))); \
        while (!done) {                                                                                      \
            IM_TYPE(object) name = old;                                                                      \
            if (!(condition))                                                                                \
                break;                                                                                       \
            done = im__atomic_compare_exchange(object, &old, expression, by);                                \
        }                                                                                                    \
        done;                                                                                                \
    })

#endif
