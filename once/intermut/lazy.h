/* SPDX-License-Identifier: MIT */
/**
 * @file lazy.h
 * A value that makes itself at its first use, by a function that is given where it is defined.
 *
 * Use it for a static that is expensive to make or may fail: a configuration from a file, a table, a connection. If who
 * comes first decides how the value is made, take <intermut/once.h>.
 *
 *     static int load(struct config *out, void *path) { … return 0; }             // or an error: then the next one tries
 *
 *     static im_lazy(struct config) config = IM_LAZY_INIT(load, "/etc/app.conf");
 *
 *     const struct config *c = im_lazy_get(&config);                              // any thread; NULL: it failed
 *
 * | operation                              | gives                                                               |
 * |----------------------------------------|---------------------------------------------------------------------|
 * | get(lazy)                              | const T *, made if need be; NULL: the function failed; panics       |
 * | try_get(lazy, &at)                     | 0, or the function's error; EDEADLK, ENOTRECOVERABLE, EINVAL        |
 * | peek(lazy)                             | const T *, NULL: not made yet; never waits                          |
 * | is_poisoned clear_poison               | as for a once                                                       |
 * | exclusive: get_mut(lazy)               | T *, NULL: not made yet                                             |
 * | exclusive: take into_inner(lazy, &out) | 0, ENOENT: not made yet, EBUSY. After take the next use makes it anew |
 * | exclusive: destroy try_destroy(lazy, drop) | ends the value; the next use makes it anew                      |
 *
 * Two types, with the same operations: im_lazy(T) for threads, im_unsync_lazy(T) for one thread. All else (errors,
 * functions that need their own value, what is left early, fork, cost) is as <intermut/once.h> says.
 * A zeroed lazy has no function: getting it is a panic, or EINVAL. Source: once_cell's Lazy, Rust's std::sync::LazyLock.
 */
#ifndef INTERMUT_LAZY_H
#define INTERMUT_LAZY_H

#include <intermut/once.h>

/** A T that a function makes at its first use, for threads. Name the type once: `typedef im_lazy(T) name;`. */
#define im_lazy(T)                               \
    struct {                                     \
        struct im_raw_once im_raw;               \
        int (*im_init)(__typeof__(T) *, void *); \
        void *im_argument;                       \
        __typeof__(T) im_value;                  \
        IM_TAGS(lazy, T);                        \
    }

/** The same for one thread. */
#define im_unsync_lazy(T)                        \
    struct {                                     \
        struct im_raw_once im_raw;               \
        int (*im_init)(__typeof__(T) *, void *); \
        void *im_argument;                       \
        __typeof__(T) im_value;                  \
        IM_TAGS(unsync_lazy, T);                 \
    }

/** Static initialiser of both: the value will be made by `int function(T *out, void *argument)`. */
#define IM_LAZY_INIT(function, argument)                 \
    {                                                    \
        .im_init = (function), .im_argument = (argument) \
    }

/** The same, poisoned when the function is left early. */
#define IM_LAZY_POISONING_INIT(function, argument)                                             \
    {                                                                                          \
        .im_raw = {.state = IM_ONCE_POISONS}, .im_init = (function), .im_argument = (argument) \
    }

/** const T *: the value, made if need be; NULL: the function failed. Shared. Panics as im_once_get_or_init() does. */
#define im_lazy_get(self)                                \
    (IM__LAZY_CHECK(self, "lazy: get needs an im_lazy"), \
     im__lazy_get(self, IM_UNIQUE(at), IM_UNIQUE(error), IM_UNIQUE(run), IM_PLACE(#self)))

/** int: 0, with a const T * to the value in *value, or the function's error; EDEADLK, ENOTRECOVERABLE, EINVAL. Shared. */
#define im_lazy_try_get(self, value)                                                          \
    (IM__LAZY_CHECK(self, "lazy: try_get needs an im_lazy"),                                  \
     IM__ONCE_AT_CHECK(self, value, "lazy: try_get writes a const T * to its last argument"), \
     im__lazy_try_get(self, value, IM_UNIQUE(at), IM_UNIQUE(error), IM_UNIQUE(out), IM_UNIQUE(run), IM_PLACE(#self)))

/** const T *: the value, or NULL while it has not been made. Shared; never waits. */
#define im_lazy_peek(self) \
    (IM__LAZY_CHECK(self, "lazy: peek needs an im_lazy"), im__once_get(self, "peek", IM_UNIQUE(at), IM_PLACE(#self)))

/** bool: whether the function was left early, and the lazy minds (IM_LAZY_POISONING_INIT). Shared. */
#define im_lazy_is_poisoned(self)                                \
    (IM__LAZY_CHECK(self, "lazy: is_poisoned needs an im_lazy"), \
     im__once_is_poisoned(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** Let it be made again. Shared. */
#define im_lazy_clear_poison(self)                                \
    (IM__LAZY_CHECK(self, "lazy: clear_poison needs an im_lazy"), \
     im__once_clear_poison(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T *: the value, or NULL while it has not been made. Exclusive. */
#define im_lazy_get_mut(self)                                                                   \
    (IM__LAZY_CHECK(self, "lazy: get_mut needs an im_lazy"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "lazy: get_mut needs an exclusive (non-const) pointer"), \
     im__once_get_mut(self, IM_UNIQUE(at)))

/** int: 0, with the value moved to *taken, a T *; ENOENT: not made yet; EBUSY: being made. Exclusive. */
#define im_lazy_take(self, taken)                                                            \
    (IM__LAZY_CHECK(self, "lazy: take needs an im_lazy"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "lazy: take needs an exclusive (non-const) pointer"), \
     IM__ONCE_OUT_CHECK(self, taken, "lazy: take moves the value to a T *"),                 \
     im__once_take(self, taken, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(error)))

/** The same for a lazy that ends here. Exclusive. */
#define im_lazy_into_inner(self, inner)                                                            \
    (IM__LAZY_CHECK(self, "lazy: into_inner needs an im_lazy"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "lazy: into_inner needs an exclusive (non-const) pointer"), \
     IM__ONCE_OUT_CHECK(self, inner, "lazy: into_inner moves the value to a T *"),                 \
     im__once_take(self, inner, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(error)))

/** End the value: drop(T *), where it was made and drop is not NULL. Exclusive. Panics while it is being made. */
#define im_lazy_destroy(self, drop)                                                             \
    (IM__LAZY_CHECK(self, "lazy: destroy needs an im_lazy"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "lazy: destroy needs an exclusive (non-const) pointer"), \
     IM__ONCE_DROP_CHECK(self, drop, "lazy: destroy calls a void drop(T *value)"),              \
     im__once_destroy(self, drop, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(error), IM_PLACE(#self)))

/** int: the same, or EBUSY while it is being made. Exclusive. */
#define im_lazy_try_destroy(self, drop)                                                             \
    (IM__LAZY_CHECK(self, "lazy: try_destroy needs an im_lazy"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "lazy: try_destroy needs an exclusive (non-const) pointer"), \
     IM__ONCE_DROP_CHECK(self, drop, "lazy: try_destroy calls a void drop(T *value)"),              \
     im__once_try_destroy(self, drop, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(error)))

#define IM__LAZY_CHECK(self, sentence)                                                     \
    ((void)sizeof(struct {                                                                 \
        IM__ASSERT_POINTS_TO_RECORD(self, sentence);                                       \
        _Static_assert(IM_IS_KIND(self, lazy) || IM_IS_KIND(self, unsync_lazy), sentence); \
        char im_unused;                                                                    \
    }))

#define im__lazy_get(self, at, error, run, place)                                 \
    ({                                                                            \
        IM__ONCE_AT(self, at, "get", place);                                      \
        int error = 0;                                                            \
        IM__ONCE_MAKE(at, at->im_init, at->im_argument, "get", error, run, place) \
        error == 0 ? IM__ONCE_VALUE(at) : NULL;                                   \
    })

#define im__lazy_try_get(self, value, at, error, out, run, place)              \
    ({                                                                         \
        IM__ONCE_AT(self, at, "try_get", place);                               \
        const IM_TYPE(at) **const out = (value);                               \
        int error = 0;                                                         \
        IM__ONCE_TRY_MAKE(at, at->im_init, at->im_argument, error, run, place) \
        if (IM_LIKELY(error == 0))                                             \
            *out = IM__ONCE_VALUE(at);                                         \
        error;                                                                 \
    })

#endif
