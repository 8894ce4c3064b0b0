/* SPDX-License-Identifier: MIT */
/**
 * @file once_race.h
 * A pointer or number that many threads may compute at the same time: the first one to finish wins, and nobody waits.
 *
 * Use it where computing twice is harmless and waiting is not: in a signal handler's neighbourhood, in an allocator, for
 * what is cheap; and where an initialiser may need the value again (it is then computed once more). For a T of any
 * size, made exactly once: <intermut/once.h>.
 *
 *     static im_once_race(struct table *) primes;                      // zero, or NULL, is empty
 *
 *     static int make(struct table **out, void *unused) { return (*out = table_new()) ? 0 : ENOMEM; }
 *
 *     const struct table *table = im_once_race_get_or_init(&primes, make, NULL, table_free);    // NULL: it failed
 *
 * T is a pointer or an integer. No memory beside it. Never waits, so nothing can wait for itself, no thread that ends
 * inside leaves anything behind, and fork() makes no difference. Async-signal-safe if the initialiser is.
 * Cost: a value that is there costs one acquire load. Order: who gets a value acquires what its initialiser did.
 * Source: once_cell::race (OnceNonZeroUsize, OnceRef, OnceBox).
 */
#ifndef INTERMUT_ONCE_RACE_H
#define INTERMUT_ONCE_RACE_H

#include <errno.h>

#include <intermut/checked.h>
#include <intermut/sync.h>
#include <intermut/unsafe_cell.h>

/** A T that is set once; not zero. Name the type once: `typedef im_once_race(T) name;`. */
#define im_once_race(T)                                                                                           \
    struct {                                                                                                      \
        __typeof__(T) im_value;                                                                                   \
        _Static_assert(IM_IS_POINTER(__typeof__(T)) || IM_IS_INTEGER(__typeof__(T)) || IM_IS_BOOL(__typeof__(T)), \
                       "once_race: T must be a pointer or an integer: race for a pointer to it");                 \
        IM_TAGS(once_race, T);                                                                                    \
    }

/** Static initialiser: empty. */
#define IM_ONCE_RACE_INIT \
    {                     \
        .im_value = 0     \
    }

/** T: the value, zero while there is none. Shared; wait-free. */
#define im_once_race_get(self)                                                                                     \
    (IM__RACE_CHECK(self, "once_race: get needs an im_once_race"), /* Pairs with the release in im__race_put(). */ \
     im_sync_load(&IM_REACH(self, IM_PLACE(#self))->im_value, memory_order_acquire))

/** int: 0; EEXIST: there is a value already; EINVAL: `value` is zero. `im_once_race_set(cell, value)`. Shared; wait-free. */
#define im_once_race_set(self, ...)                                \
    (IM__RACE_CHECK(self, "once_race: set needs an im_once_race"), \
     im__race_set(IM_REACH(self, IM_PLACE(#self)), (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(new), IM_UNIQUE(seen)))

/**
 * T: the value; where there is none, init(T *, argument) makes one. If another thread was faster, its value is the one,
 * and this one goes to drop(T), unless that is NULL. Zero: init failed, or gave zero. Shared.
 */
#define im_once_race_get_or_init(self, init, argument, drop)                                                           \
    (IM__RACE_CHECK(self, "once_race: get_or_init needs an im_once_race"),                                             \
     IM__RACE_INIT_CHECK(self, init, "once_race: get_or_init calls an int init(T *out, void *argument)"),              \
     IM__RACE_DROP_CHECK(self, drop, "once_race: get_or_init calls a void drop(T value)"),                             \
     im__race_get_or_init(self, init, argument, drop, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(with), IM_UNIQUE(end), \
                          IM_UNIQUE(value), IM_UNIQUE(error)))

/** int: 0, with the value in *out, a T *; or the error of init; EINVAL: it gave zero, or is NULL. Shared. */
#define im_once_race_get_or_try_init(self, init, argument, drop, out)                                                \
    (IM__RACE_CHECK(self, "once_race: get_or_try_init needs an im_once_race"),                                       \
     IM__RACE_INIT_CHECK(self, init, "once_race: get_or_try_init calls an int init(T *out, void *argument)"),        \
     IM__RACE_DROP_CHECK(self, drop, "once_race: get_or_try_init calls a void drop(T value)"),                       \
     IM_REQUIRE_SAME_TYPE(__typeof__(out), IM_TYPE(self) *, "once_race: get_or_try_init writes the value to a T *"), \
     im__race_get_or_try_init(self, init, argument, drop, out, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(with),      \
                              IM_UNIQUE(end), IM_UNIQUE(value), IM_UNIQUE(error), IM_UNIQUE(to)))

/** T *: the value itself, for plain access; zero is empty. Exclusive. */
#define im_once_race_get_mut(self)                                                                   \
    (IM__RACE_CHECK(self, "once_race: get_mut needs an im_once_race"),                               \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once_race: get_mut needs an exclusive (non-const) pointer"), \
     &(self)->im_value)

/** T: the value, zero when there is none; the cell is empty afterwards. Exclusive. */
#define im_once_race_take(self)                                                                   \
    (IM__RACE_CHECK(self, "once_race: take needs an im_once_race"),                               \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once_race: take needs an exclusive (non-const) pointer"), \
     im__race_take(self, IM_UNIQUE(at), IM_UNIQUE(value)))

/** T: the value of a cell that ends here. Exclusive. */
#define im_once_race_into_inner(self)                                                                   \
    (IM__RACE_CHECK(self, "once_race: into_inner needs an im_once_race"),                               \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once_race: into_inner needs an exclusive (non-const) pointer"), \
     (self)->im_value)

#define IM__RACE_CHECK(self, sentence) IM_REQUIRE_KIND(self, once_race, sentence)
#define IM__RACE_INIT_CHECK(self, init, sentence) \
    IM_REQUIRE_SAME_TYPE(__typeof__(((void)0, (init))), int (*)(IM_TYPE(self) *, void *), sentence)
#define IM__RACE_DROP_CHECK(self, drop, sentence)                                                      \
    IM_REQUIRE(__builtin_types_compatible_p(__typeof__(((void)0, (drop))), void (*)(IM_TYPE(self))) || \
                   __builtin_types_compatible_p(__typeof__(((void)0, (drop))), void *),                \
               sentence)

/* bool: whether `made` got in; otherwise *seen is what was there. Release: pairs with the acquire of who gets it. */
#define im__race_put(at, seen, made) \
    im_sync_compare_exchange(im_unsafe_cell_get(at), seen, made, memory_order_release, memory_order_acquire)

#define im__race_set(self, value, at, new, seen)                                    \
    ({                                                                              \
        const __typeof__(*(self)) *at = (self);                                     \
        const IM_TYPE(at) new = value;                                              \
        IM_TYPE(at) seen = 0;                                                       \
        new == (IM_TYPE(at))0 ? EINVAL : im__race_put(at, &seen, new) ? 0 : EEXIST; \
    })

/* A statement: `value` and `error`, which is 0 before, get the result. Acquire, too, where another one was faster. */
#define IM__RACE_MAKE(at, call, with, end, value, error, made) \
    if (IM_UNLIKELY(value == 0)) {                             \
        IM_TYPE(at) made = 0;                                  \
        error = call ? call(&made, with) : EINVAL;             \
        if (error == 0 && made == 0)                           \
            error = EINVAL;                                    \
        if (error == 0 && im__race_put(at, &value, made))      \
            value = made;                                      \
        else if (error == 0 && end)                            \
            end(made);                                         \
    }

#define IM__RACE_BEGIN(self, init, argument, drop, at, call, with, end, value, error) \
    const __typeof__(*(self)) *at = (self);                                           \
    int (*const call)(IM_TYPE(at) *, void *) = (init);                                \
    void *const with = (argument);                                                    \
    void (*const end)(IM_TYPE(at)) = (drop);                                          \
    IM_TYPE(at) value = im_once_race_get(at);                                         \
    int error = 0;                                                                    \
    IM__RACE_MAKE(at, call, with, end, value, error, IM_UNIQUE(made))

#define im__race_get_or_init(self, init, argument, drop, at, call, with, end, value, error) \
    ({                                                                                      \
        IM__RACE_BEGIN(self, init, argument, drop, at, call, with, end, value, error)       \
        (void)error;                                                                        \
        value;                                                                              \
    })

#define im__race_get_or_try_init(self, init, argument, drop, out, at, call, with, end, value, error, to) \
    ({                                                                                                   \
        IM_TYPE(self) *const to = (out);                                                                 \
        IM__RACE_BEGIN(self, init, argument, drop, at, call, with, end, value, error)                    \
        if (error == 0)                                                                                  \
            *to = value;                                                                                 \
        error;                                                                                           \
    })

#define im__race_take(self, at, value)    \
    ({                                    \
        __typeof__(self) at = (self);     \
        IM_TYPE(at) value = at->im_value; \
        at->im_value = 0;                 \
        value;                            \
    })

#endif
