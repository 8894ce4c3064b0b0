/* SPDX-License-Identifier: MIT */
/**
 * @file spin.h
 * A value behind a spin lock that nobody sees: a cell across threads, for what changes as often as it is read.
 *
 * Use it for small plain data (T is Copy) that is read and written about equally often, and for one byte of overhead.
 * Where reads prevail, im_seqlock: its readers do not disturb each other. For 1, 2, 4 and 8 bytes, im_atomic.
 *
 *     typedef im_spin(struct range) range_cell;
 *
 *     static range_cell seen;
 *
 *     im_spin_update(&seen, r, ((struct range){min(r.low, x), max(r.high, x)}));
 *
 * Any T but an array. One byte more than T, and its padding. A zeroed object holds a zeroed T.
 * Order: every operation acquires what the one before it released. Progress: threads exclude each other; who waits
 * spins ever longer, then yields the core, so that a holder that lost its core gets it back. No order among waiters.
 *
 * Not in a signal handler that may interrupt an operation of the same thread, and not inside an update of the same
 * object: it would wait for itself; with -DIM_CHECKED=1 the latter is a panic, as is a NULL pointer.
 * Source: T. E. Anderson, "The performance of spin lock alternatives", IEEE TPDS 1990 (test and test-and-set).
 */
#ifndef INTERMUT_SPIN_H
#define INTERMUT_SPIN_H

#include <intermut/seqlock.h>

/** A T behind a spin lock. Name the type once: `typedef im_spin(T) name;`. */
#define im_spin(T)                  \
    struct {                        \
        IM__SEQLOCK_T(T) im_value;  \
        struct im_raw_spin im_lock; \
        IM_TAGS(spin, T);           \
    }

/** Static initialiser; the argument initialises the T: `IM_SPIN_INIT(3)`, `IM_SPIN_INIT({1, 2})`. */
#define IM_SPIN_INIT(...)       \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** T: a copy of the value. Shared. */
#define im_spin_load(self)                                \
    (IM__SPIN_CHECK(self, "spin: load needs an im_spin"), \
     im__spin_load(self, IM_UNIQUE(at), IM_UNIQUE(hold), IM_PLACE(#self)))

/** Replace the value: `im_spin_store(self, value)`. Shared. The new value is computed first. */
#define im_spin_store(self, ...)                           \
    (IM__SPIN_CHECK(self, "spin: store needs an im_spin"), \
     im__spin_store(self, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(hold), IM_PLACE(#self)))

/** T: the old value, with another put in its place: `im_spin_swap(self, value)`. Shared. */
#define im_spin_swap(self, ...)                                                                         \
    (IM__SPIN_CHECK(self, "spin: swap needs an im_spin"),                                               \
     im__spin_swap(self, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(old), IM_UNIQUE(hold), \
                   IM_PLACE(#self)))

/**
 * T: the new value, computed from the old one, as one step: `im_spin_update(&total, n, n + 1)`. Shared.
 * The expression runs once, while others spin. If it leaves, nothing has changed.
 */
#define im_spin_update(self, name, ...)                     \
    (IM__SPIN_CHECK(self, "spin: update needs an im_spin"), \
     im__spin_update(self, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(hold), IM_PLACE(#self)))

/** T *: the value itself, for plain access. Exclusive. */
#define im_spin_get_mut(self)                                \
    (IM__SPIN_CHECK(self, "spin: get_mut needs an im_spin"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "spin: get_mut needs an exclusive (non-const) pointer"), &(self)->im_value)

/** T: the value of an object that ends here. Exclusive. */
#define im_spin_into_inner(self)                                \
    (IM__SPIN_CHECK(self, "spin: into_inner needs an im_spin"), \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "spin: into_inner needs an exclusive (non-const) pointer"), (self)->im_value)

/** Zeroed is free. */
struct im_raw_spin {
    uint8_t held;
};

static inline uint8_t *im__spin_byte(const struct im_raw_spin *lock)
{
    return (uint8_t *)im_unsafe_unconst(&lock->held);
}

IM_COLD IM_UNUSED static void im__spin_lock_again(const struct im_raw_spin *lock)
{
    struct im_backoff backoff = {0};
    do {
        /* Relaxed: only a look, which leaves the line with its holder; the exchange acquires. */
        do
            im_backoff_wait(&backoff);
        while (im_sync_load(&lock->held, memory_order_relaxed));
    } while (im_sync_exchange(im__spin_byte(lock), 1, memory_order_acquire));
}

/** Wait until nobody holds it, and hold it. Order: acquire; pairs with the release in im_raw_spin_unlock(). */
static inline const struct im_raw_spin *im_raw_spin_lock(const struct im_raw_spin *lock)
{
    if (IM_UNLIKELY(im_sync_exchange(im__spin_byte(lock), 1, memory_order_acquire)))
        im__spin_lock_again(lock);
    return lock;
}

/** Order: release; pairs with the acquire in im_raw_spin_lock(). */
static inline void im_raw_spin_unlock(const struct im_raw_spin *lock)
{
    im_sync_store(im__spin_byte(lock), 0, memory_order_release);
}

/* The lock, held for `operation`. */
IM_INLINE const struct im_raw_spin *im__spin_hold(const struct im_raw_spin *lock, const char *operation,
                                                  const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_refuse_own(lock, operation, place);
    (void)im_raw_spin_lock(lock);
    if (IM_CHECKED)
        im_checked_acquired(lock, lock, true, false, place);
    return lock;
}

static inline void im__spin_let_go(const struct im_raw_spin **hold)
{
    if (IM_CHECKED)
        im_checked_released(*hold, *hold, NULL);
    im_raw_spin_unlock(*hold);
}

#define IM__SPIN_CHECK(self, sentence) IM_REQUIRE_KIND(self, spin, sentence)
#define IM__SPIN_HOLD(hold, at, operation, place) \
    IM__SEQLOCK_INSPECT(at, place);               \
    IM_CLEANUP(im__spin_let_go)                   \
    IM_UNUSED const struct im_raw_spin *hold = im__spin_hold(&(at)->im_lock, operation, place)

#define im__spin_load(self, at, hold, place)    \
    ({                                          \
        const __typeof__(*(self)) *at = (self); \
        IM__SPIN_HOLD(hold, at, "load", place); \
        at->im_value;                           \
    })

#define im__spin_store(self, value, at, new, hold, place) \
    ({                                                    \
        const __typeof__(*(self)) *at = (self);           \
        const IM_TYPE(at) new = value;                    \
        IM__SPIN_HOLD(hold, at, "store", place);          \
        *im_unsafe_cell_get(at) = new;                    \
        (void)0;                                          \
    })

#define im__spin_swap(self, value, at, new, old, hold, place) \
    ({                                                        \
        const __typeof__(*(self)) *at = (self);               \
        const IM_TYPE(at) new = value;                        \
        IM__SPIN_HOLD(hold, at, "swap", place);               \
        const IM_TYPE(at) old = at->im_value;                 \
        *im_unsafe_cell_get(at) = new;                        \
        old;                                                  \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__spin_update(self, name, expression, at, new, hold, place) \
    ({                                                                \
        const __typeof__(*(self)) *at = (self);                       \
        IM__SPIN_HOLD(hold, at, "update", place);                     \
        IM_TYPE(at) name = at->im_value;                              \
        const IM_TYPE(at) new = expression;                           \
        *im_unsafe_cell_get(at) = new;                                \
        new;                                                          \
    })

#endif
