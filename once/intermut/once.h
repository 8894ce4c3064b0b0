/* SPDX-License-Identifier: MIT */
/**
 * @file once.h
 * A value that is made at its first use, by whoever comes first, and then read by everybody at no cost.
 *
 * Use it for what is expensive to make and may never be needed: a compiled pattern, a table, a connection; and for what
 * is known only after the start: the parsed options. If the function is always the same one, <intermut/lazy.h> keeps it.
 * For a pointer that may be computed twice, without waiting: <intermut/once_race.h>.
 *
 *     typedef im_once(regex_t) regex_once;
 *
 *     static regex_once date;                                          // zeroed is empty
 *
 *     static int compile(regex_t *out, void *pattern) { return regcomp(out, pattern, REG_EXTENDED); }
 *
 *     const regex_t *regex = im_once_get_or_init(&date, compile, "[0-9]+-[0-9]+");      // any thread; NULL: it failed
 *
 *     im_once_init(table, &primes) { fill(table); }                    // the same as a block: runs once
 *     look_up(im_once_get(&primes), n);
 *
 * ## Operations
 *
 * | operation                                  | gives                                                               |
 * |--------------------------------------------|---------------------------------------------------------------------|
 * | get(cell)                                  | const T *, NULL: empty                                              |
 * | get_or_init(cell, init, argument)          | const T *, NULL: init failed; panics                                |
 * | get_or_try_init(cell, init, argument, &at) | 0, or init's error; EDEADLK, ENOTRECOVERABLE, EINVAL                |
 * | init(name, cell) { … }                     | a block that makes the value; panics                                |
 * | try_init(name, cell) { … } else { … }      | the same; the else part instead of a panic                          |
 * | set(cell, &back, value)                    | 0, EEXIST with the value given back; EDEADLK, ENOTRECOVERABLE       |
 * | try_insert(cell, &at, &back, value)        | the same, and where the value is that is there                      |
 * | wait(cell)                                 | const T *; panics                                                   |
 * | wait_for(cell, ns, &at), wait_until(…)     | 0, ETIMEDOUT, EDEADLK, ENOTRECOVERABLE                              |
 * | is_poisoned clear_poison                   | see below                                                           |
 * | exclusive: get_mut(cell)                   | T *, NULL: empty                                                    |
 * | exclusive: take into_inner(cell, &out)     | 0, ENOENT: empty, EBUSY: an initialiser runs                        |
 * | exclusive: destroy try_destroy(cell, drop) | ends the value; panics, or EBUSY, while an initialiser runs         |
 *
 * What gives a pointer panics where it would wait for itself; what gives an int says EDEADLK instead.
 *
 * Two types, with the same operations: im_once(T) for threads, im_unsync_once(T) for one thread (without `wait…`).
 *
 * ## Initialisers
 *
 * `int init(T *out, void *argument)` returns 0 when *out is whole. What is in *out before is not defined. Any other
 * result reaches the caller, and the cell stays empty: the next one tries again, also one that waits already.
 * An initialiser that is left early (a block by return, goto or break, a thread that exits or is cancelled inside)
 * leaves the cell empty, too, and wakes who waits. `continue` ends a block normally: the value is taken as whole.
 * For threads that exit or are cancelled the program is compiled with -fexceptions; otherwise, and after a longjmp(),
 * the cell stays as if the initialiser still ran. A cell that was initialised with IM_ONCE_POISONING_INIT is
 * poisoned when an initialiser is left early: everything that would make or wait for a value refuses from then on,
 * until im_once_clear_poison(). An error that is returned poisons nothing.
 *
 * An initialiser that needs its own cell again would wait for itself: a panic with both places. So it is when several
 * threads wait for each other's initialisers in a circle, and the panic names every place in it:
 *
 *     intermut: cannot get_or_init `fonts`: deadlock: its initialiser waits for one of this thread
 *       here:          theme.c:40 in load_theme()      thread 4711
 *       initialising:  fonts.c:17 in draw()            thread 4712
 *       waiting:       fonts.c:29 in load_fonts()      thread 4712
 *       initialising:  theme.c:12 in main()            thread 4711
 *
 * ## Facts
 *
 * Any T, also one of other intermut types, over-aligned, or of no size. 16 bytes more than T. Statics need not be
 * destroyed. A cell may be moved by bytes while nobody uses it.
 * Cost: a value that is there costs one acquire load and a test, inlined; so much as reading a published pointer.
 * A NULL cell is a panic in the checked build, and a crash in a plain one: a test would cost as much as the load.
 * Concurrency: all but the exclusive operations, by any number of threads; of an im_unsync_once, by one, and in the
 * checked build another one's use is a panic, as of an im_cell (<intermut/thread_of_use.h>: what hands it over).
 * Never in a signal handler that may interrupt an initialiser. Order: who gets the value acquires what its
 * initialiser released.
 * fork(): in the child, an initialiser of another thread counts as left, and the cell is empty; one of the forking
 * thread goes on in both processes. wait, wait_for and wait_until are cancellation points; nothing else is.
 * Source: once_cell and Rust's std::cell::OnceCell, std::sync::OnceLock; once.c for the algorithm.
 */
#ifndef INTERMUT_ONCE_H
#define INTERMUT_ONCE_H

#include <intermut/raw_once.h>

/** A cell for one T, made once, for threads. Name the type once: `typedef im_once(T) name;`. */
#define im_once(T)                 \
    struct {                       \
        struct im_raw_once im_raw; \
        __typeof__(T) im_value;    \
        IM_TAGS(once, T);          \
    }

/** The same for one thread. */
#define im_unsync_once(T)          \
    struct {                       \
        struct im_raw_once im_raw; \
        __typeof__(T) im_value;    \
        IM_TAGS(unsync_once, T);   \
    }

/** Static initialiser of both: empty. */
#define IM_ONCE_INIT            \
    {                           \
        .im_raw = {.state = 0 } \
    }

/** The same, with the value there already: `IM_ONCE_INIT_FULL(3)`, `IM_ONCE_INIT_FULL({1, 2})`. */
#define IM_ONCE_INIT_FULL(...)                                     \
    {                                                              \
        .im_raw = {.state = IM_ONCE_FULL}, .im_value = __VA_ARGS__ \
    }

/** Empty, and poisoned by an initialiser that is left early. */
#define IM_ONCE_POISONING_INIT                \
    {                                         \
        .im_raw = {.state = IM_ONCE_POISONS } \
    }

/** const T *: the value, or NULL while there is none. Shared; never waits. */
#define im_once_get(self) \
    (IM__ONCE_CHECK(self, "once: get needs an im_once"), im__once_get(self, "get", IM_UNIQUE(at), IM_PLACE(#self)))

/**
 * const T *: the value; the first one makes it by init(T *, argument), and others wait. NULL: init failed. Shared.
 * Panics when it would wait for itself, when the cell is poisoned, and when init is needed and NULL.
 */
#define im_once_get_or_init(self, init, argument)                                                                  \
    (IM__ONCE_CHECK(self, "once: get_or_init needs an im_once"),                                                   \
     IM__ONCE_INIT_CHECK(self, init, "once: get_or_init calls an int init(T *out, void *argument)"),               \
     im__once_get_or_init(self, init, argument, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(with), IM_UNIQUE(error), \
                          IM_UNIQUE(run), IM_PLACE(#self)))

/**
 * int: 0, with a const T * to the value in *value, or the error of init; EDEADLK: it would wait for itself;
 * ENOTRECOVERABLE: poisoned; EINVAL: init is NULL. Shared.
 */
#define im_once_get_or_try_init(self, init, argument, value)                                                \
    (IM__ONCE_CHECK(self, "once: get_or_try_init needs an im_once"),                                        \
     IM__ONCE_INIT_CHECK(self, init, "once: get_or_try_init calls an int init(T *out, void *argument)"),    \
     IM__ONCE_AT_CHECK(self, value, "once: get_or_try_init writes a const T * to its last argument"),       \
     im__once_get_or_try_init(self, init, argument, value, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(with), \
                              IM_UNIQUE(error), IM_UNIQUE(out), IM_UNIQUE(run), IM_PLACE(#self)))

/**
 * `im_once_init(name, cell) { *name = …; }`: a block that runs if there is no value, once, with a T *; others wait at
 * its beginning. Shared. Afterwards the value is there, unless the block was left by break. Panics as get_or_init.
 */
#define im_once_init(name, self) IM__ONCE_BLOCK(name, self, IM_UNIQUE(run), IM_PLACE(#self))

/**
 * `im_once_try_init(name, cell) { … } else { … }`: the same; where the other one panics, the else part runs. Neither
 * part runs when there is a value.
 */
#define im_once_try_init(name, self)                                \
    IM__ONCE_TRY_BLOCK(name, self, IM_UNIQUE(run), IM_PLACE(#self)) \
    if (name)

/**
 * int: 0, and the value is moved into the cell; EEXIST: there is one already; EDEADLK: the caller is initialising it;
 * ENOTRECOVERABLE: poisoned. `im_once_set(cell, &back, value)`: what does not get in goes to *back, a T *, or nowhere
 * when that is NULL. Shared. Waits for an initialiser that runs.
 */
#define im_once_set(self, back, ...)                                                                          \
    (IM__ONCE_CHECK(self, "once: set needs an im_once"),                                                      \
     IM__ONCE_BACK_CHECK(self, back, "once: set gives the value back to a T *"),                              \
     im__once_set(self, back, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(new), IM_UNIQUE(error), \
                  IM_PLACE(#self)))

/** The same; with 0 and EEXIST, *value is a const T * to the value in the cell, whosever it is. Shared. */
#define im_once_try_insert(self, value, back, ...)                                                       \
    (IM__ONCE_CHECK(self, "once: try_insert needs an im_once"),                                          \
     IM__ONCE_AT_CHECK(self, value, "once: try_insert writes a const T * to its second argument"),       \
     IM__ONCE_BACK_CHECK(self, back, "once: try_insert gives the value back to a T *"),                  \
     im__once_try_insert(self, value, back, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(in), IM_UNIQUE(out), \
                         IM_UNIQUE(new), IM_UNIQUE(error), IM_PLACE(#self)))

/** const T *: the value, when somebody has made it. Shared; a cancellation point. Panics as get_or_init does. */
#define im_once_wait(self)                                                                               \
    (IM__ONCE_WAIT_CHECK(self, "once: wait needs an im_once: nobody else could fill an im_unsync_once"), \
     im__once_wait(self, IM_UNIQUE(at), IM_UNIQUE(error), IM_PLACE(#self)))

/**
 * int: 0, with a const T * to the value in *value, when somebody has made it within `ns` nanoseconds; ETIMEDOUT,
 * EDEADLK or ENOTRECOVERABLE. Shared; a cancellation point.
 */
#define im_once_wait_for(self, ns, value)                                                                        \
    (IM__ONCE_WAIT_CHECK(self, "once: wait_for needs an im_once: nobody else could fill an im_unsync_once"),     \
     IM__ONCE_AT_CHECK(self, value, "once: wait_for writes a const T * to its last argument"),                   \
     im__once_wait_until(self, im_raw_once_deadline(ns), value, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(error), \
                         IM_PLACE(#self)))

/** The same, until CLOCK_MONOTONIC shows `deadline_ns` nanoseconds; UINT64_MAX: without limit. */
#define im_once_wait_until(self, deadline_ns, value)                                                           \
    (IM__ONCE_WAIT_CHECK(self, "once: wait_until needs an im_once: nobody else could fill an im_unsync_once"), \
     IM__ONCE_AT_CHECK(self, value, "once: wait_until writes a const T * to its last argument"),               \
     im__once_wait_until(self, deadline_ns, value, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(error), IM_PLACE(#self)))

/** bool: whether an initialiser was left early, and the cell minds (IM_ONCE_POISONING_INIT). Shared. */
#define im_once_is_poisoned(self)                                \
    (IM__ONCE_CHECK(self, "once: is_poisoned needs an im_once"), \
     im__once_is_poisoned(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** Let it be initialised again. Shared. */
#define im_once_clear_poison(self)                                \
    (IM__ONCE_CHECK(self, "once: clear_poison needs an im_once"), \
     im__once_clear_poison(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T *: the value, or NULL while there is none. Exclusive. */
#define im_once_get_mut(self)                                                                   \
    (IM__ONCE_CHECK(self, "once: get_mut needs an im_once"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once: get_mut needs an exclusive (non-const) pointer"), \
     im__once_get_mut(self, IM_UNIQUE(at)))

/** int: 0, with the value moved to *taken, a T *, and the cell empty; ENOENT: it is; EBUSY: being made. Exclusive. */
#define im_once_take(self, taken)                                                            \
    (IM__ONCE_CHECK(self, "once: take needs an im_once"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once: take needs an exclusive (non-const) pointer"), \
     IM__ONCE_OUT_CHECK(self, taken, "once: take moves the value to a T *"),                 \
     im__once_take(self, taken, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(error)))

/** The same for a cell that ends here. Exclusive. */
#define im_once_into_inner(self, inner)                                                            \
    (IM__ONCE_CHECK(self, "once: into_inner needs an im_once"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once: into_inner needs an exclusive (non-const) pointer"), \
     IM__ONCE_OUT_CHECK(self, inner, "once: into_inner moves the value to a T *"),                 \
     im__once_take(self, inner, IM_UNIQUE(at), IM_UNIQUE(out), IM_UNIQUE(error)))

/**
 * End the value: drop(T *), where there is one and drop is not NULL. The cell is empty afterwards. Exclusive.
 * Panics while an initialiser runs: then the pointer was not exclusive.
 */
#define im_once_destroy(self, drop)                                                             \
    (IM__ONCE_CHECK(self, "once: destroy needs an im_once"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once: destroy needs an exclusive (non-const) pointer"), \
     IM__ONCE_DROP_CHECK(self, drop, "once: destroy calls a void drop(T *value)"),              \
     im__once_destroy(self, drop, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(error), IM_PLACE(#self)))

/** int: the same, or EBUSY while an initialiser runs. Exclusive. */
#define im_once_try_destroy(self, drop)                                                             \
    (IM__ONCE_CHECK(self, "once: try_destroy needs an im_once"),                                    \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "once: try_destroy needs an exclusive (non-const) pointer"), \
     IM__ONCE_DROP_CHECK(self, drop, "once: try_destroy calls a void drop(T *value)"),              \
     im__once_try_destroy(self, drop, IM_UNIQUE(at), IM_UNIQUE(call), IM_UNIQUE(error)))

/* ---- What the macros are made of ---- */

/* Here, because gcc forbids a first mention in a `for`. */
struct im_kind_once;
struct im_kind_unsync_once;
struct im_kind_unsync_lazy;
struct im_kind_mut_once;

#define IM__ONCE_CHECK(self, sentence)                                                     \
    ((void)sizeof(struct {                                                                 \
        IM__ASSERT_POINTS_TO_RECORD(self, sentence);                                       \
        _Static_assert(IM_IS_KIND(self, once) || IM_IS_KIND(self, unsync_once), sentence); \
        char im_unused;                                                                    \
    }))
#define IM__ONCE_WAIT_CHECK(self, sentence) IM_REQUIRE_KIND(self, once, sentence)
#define IM__ONCE_INIT_CHECK(self, init, sentence) \
    IM_REQUIRE_SAME_TYPE(__typeof__(((void)0, (init))), int (*)(IM_TYPE(self) *, void *), sentence)
#define IM__ONCE_AT_CHECK(self, at, sentence) IM_REQUIRE_SAME_TYPE(__typeof__(at), const IM_TYPE(self) **, sentence)
#define IM__ONCE_OUT_CHECK(self, out, sentence) IM_REQUIRE_SAME_TYPE(__typeof__(out), IM_TYPE(self) *, sentence)
/* NULL, too: a void *. */
#define IM__ONCE_BACK_CHECK(self, back, sentence)                                              \
    IM_REQUIRE(__builtin_types_compatible_p(__typeof__(((void)0, (back))), IM_TYPE(self) *) || \
                   __builtin_types_compatible_p(__typeof__(((void)0, (back))), void *),        \
               sentence)
#define IM__ONCE_DROP_CHECK(self, drop, sentence)                                                        \
    IM_REQUIRE(__builtin_types_compatible_p(__typeof__(((void)0, (drop))), void (*)(IM_TYPE(self) *)) || \
                   __builtin_types_compatible_p(__typeof__(((void)0, (drop))), void *),                  \
               sentence)

/* For pointers to any type of this module. */
#define IM__ONCE_SHARING(self)                                                                                     \
    (IM_IS_KIND(self, unsync_once) || IM_IS_KIND(self, unsync_lazy) || IM_IS_KIND(self, mut_once) ? IM_ONCE_UNSYNC \
                                                                                                  : IM_ONCE_SYNC)

/* `at` is the cell, evaluated once: a shared pointer, for `operation`. */
#define IM__ONCE_AT(self, at, operation, place) \
    const __typeof__(*(self)) *at = (self);     \
    IM__ONCE_USED(at, operation, place)
#if IM_CHECKED
#define IM__ONCE_USED(at, operation, place) im__once_used(at, IM__ONCE_SHARING(at), operation, place)
#else
#define IM__ONCE_USED(at, operation, place) ((void)0)
#endif
/* The same for who is alone with it, and with what is inside. */
#define IM__ONCE_ALONE(self, at)  \
    __typeof__(self) at = (self); \
    if (IM_CHECKED)               \
    im_checked_handed_over(at, sizeof *at)
#define IM__ONCE_IS_FULL(at) im_raw_once_is_full(&(at)->im_raw, IM__ONCE_SHARING(at))
#define IM__ONCE_VALUE(at) ((const IM_TYPE(at) *)&(at)->im_value)

#define im__once_is_poisoned(self, at, place)                                            \
    ({                                                                                   \
        IM__ONCE_AT(self, at, "is_poisoned", place);                                     \
        (im_sync_load(&at->im_raw.state, memory_order_relaxed) & IM_ONCE_POISONED) != 0; \
    })

#define im__once_clear_poison(self, at, place)        \
    ({                                                \
        IM__ONCE_AT(self, at, "clear_poison", place); \
        im_raw_once_clear_poison(&at->im_raw);        \
    })

#define im__once_get(self, operation, at, place)          \
    ({                                                    \
        IM__ONCE_AT(self, at, operation, place);          \
        IM__ONCE_IS_FULL(at) ? IM__ONCE_VALUE(at) : NULL; \
    })

/* A statement: make the value by call(T *, with), unless it is there. `error` is 0 before; the run may be left. */
#define IM__ONCE_MAKE(at, call, with, operation, error, run, place)                                    \
    if (IM_UNLIKELY(!IM__ONCE_IS_FULL(at))) {                                                          \
        if (!(call))                                                                                   \
            im_raw_once_refuse(&at->im_raw, EINVAL, operation, place);                                 \
        struct im__once_run run IM_CLEANUP(im__once_run_is_left) =                                     \
            im__once_run(&at->im_raw, im_unsafe_cell_get(at), IM__ONCE_SHARING(at), operation, place); \
        if (run.cell) {                                                                                \
            error = (call)(im_unsafe_cell_get(at), with);                                              \
            im__once_run_ends(&run, error);                                                            \
        }                                                                                              \
    }

/* The same, with every reason in `error`. */
#define IM__ONCE_TRY_MAKE(at, call, with, error, run, place)                                                    \
    if (IM_UNLIKELY(!IM__ONCE_IS_FULL(at))) {                                                                   \
        struct im__once_run run IM_CLEANUP(im__once_run_is_left) =                                              \
            (call) ? im__once_try_run(&at->im_raw, im_unsafe_cell_get(at), IM__ONCE_SHARING(at), place, &error) \
                   : (error = EINVAL, (struct im__once_run){NULL, NULL, IM__ONCE_SHARING(at), false});          \
        if (run.cell) {                                                                                         \
            error = (call)(im_unsafe_cell_get(at), with);                                                       \
            im__once_run_ends(&run, error);                                                                     \
        } else if (error == EEXIST) {                                                                           \
            error = 0;                                                                                          \
        }                                                                                                       \
    }

#define im__once_get_or_init(self, init, argument, at, call, with, error, run, place) \
    ({                                                                                \
        IM__ONCE_AT(self, at, "get_or_init", place);                                  \
        int (*const call)(IM_TYPE(at) *, void *) = (init);                            \
        void *const with = (argument);                                                \
        int error = 0;                                                                \
        IM__ONCE_MAKE(at, call, with, "get_or_init", error, run, place)               \
        error == 0 ? IM__ONCE_VALUE(at) : NULL;                                       \
    })

#define im__once_get_or_try_init(self, init, argument, value, at, call, with, error, out, run, place) \
    ({                                                                                                \
        IM__ONCE_AT(self, at, "get_or_try_init", place);                                              \
        int (*const call)(IM_TYPE(at) *, void *) = (init);                                            \
        void *const with = (argument);                                                                \
        const IM_TYPE(at) **const out = (value);                                                      \
        int error = 0;                                                                                \
        IM__ONCE_TRY_MAKE(at, call, with, error, run, place)                                          \
        if (IM_LIKELY(error == 0))                                                                    \
            *out = IM__ONCE_VALUE(at);                                                                \
        error;                                                                                        \
    })

/*
 * The outer loop is gone through while there is no value; it stands alone, so that compilers see through it. Of the inner
 * ones, the last one's step, which only a normal end reaches, finishes; the middle one's abandons what is not over by
 * then (a break), and its cleanup what leaves them all.
 */
#define IM__ONCE_BLOCK(name, self, run, place)                                                                        \
    IM__ONCE_BLOCK_BY(name, self, run, im__once_block, "once: init needs an im_once", IM_UNIQUE(at), IM_UNIQUE(cell), \
                      place)
#define IM__ONCE_TRY_BLOCK(name, self, run, place)                                                           \
    IM__ONCE_BLOCK_BY(name, self, run, im__once_try_block, "once: try_init needs an im_once", IM_UNIQUE(at), \
                      IM_UNIQUE(cell), place)
#define IM__ONCE_BLOCK_BY(name, self, run, begin, sentence, at, cell, place)              \
    for (const __typeof__(*(self)) *at = ({                                               \
             IM__ONCE_CHECK(self, sentence);                                              \
             IM__ONCE_AT(self, cell, "initialise", place);                                \
             IM_LIKELY(IM__ONCE_IS_FULL(cell)) ? NULL : cell;                             \
         });                                                                              \
         at; at = NULL)                                                                   \
        for (struct im__once_run run IM_CLEANUP(im__once_run_is_left) =                   \
                 begin(&at->im_raw, im_unsafe_cell_get(at), IM__ONCE_SHARING(at), place); \
             run.live; im__once_run_is_left(&run))                                        \
            for (IM_TYPE(at) *const name IM_UNUSED = run.value; run.live; im__once_run_ends(&run, 0))

#define im__once_set(self, back, value, at, out, new, error, place)                 \
    ({                                                                              \
        IM__ONCE_AT(self, at, "set", place);                                        \
        IM_TYPE(at) *const out = (back);                                            \
        const IM_TYPE(at) new = value;                                              \
        const int error = im__once_begin(&at->im_raw, IM__ONCE_SHARING(at), place); \
        IM__ONCE_PUT(at, out, new, error)                                           \
        error;                                                                      \
    })

#define im__once_try_insert(self, value, back, new_value, at, in, out, new, error, place) \
    ({                                                                                    \
        IM__ONCE_AT(self, at, "try_insert", place);                                       \
        const IM_TYPE(at) **const in = (value);                                           \
        IM_TYPE(at) *const out = (back);                                                  \
        const IM_TYPE(at) new = new_value;                                                \
        const int error = im__once_begin(&at->im_raw, IM__ONCE_SHARING(at), place);       \
        IM__ONCE_PUT(at, out, new, error)                                                 \
        if (error == 0 || error == EEXIST)                                                \
            *in = IM__ONCE_VALUE(at);                                                     \
        error;                                                                            \
    })

/* By bytes: a T with const members, or of other intermut types, is moved, too. */
#define IM__ONCE_PUT(at, out, new, error)                           \
    if (error == 0) {                                               \
        __builtin_memcpy(im_unsafe_cell_get(at), &new, sizeof new); \
        im__once_finish(&at->im_raw, IM__ONCE_SHARING(at));         \
    } else {                                                        \
        im__once_give_back(out, &new, sizeof new);                  \
    }

#define im__once_wait(self, at, error, place)                                   \
    ({                                                                          \
        IM__ONCE_AT(self, at, "wait for", place);                               \
        if (IM_UNLIKELY(!IM__ONCE_IS_FULL(at))) {                               \
            const int error = im_raw_once_wait(&at->im_raw, UINT64_MAX, place); \
            if (error)                                                          \
                im_raw_once_refuse(&at->im_raw, error, "wait for", place);      \
        }                                                                       \
        IM__ONCE_VALUE(at);                                                     \
    })

#define im__once_wait_until(self, deadline, value, at, out, error, place) \
    ({                                                                    \
        IM__ONCE_AT(self, at, "wait for", place);                         \
        const IM_TYPE(at) **const out = (value);                          \
        const int error = im_raw_once_wait(&at->im_raw, deadline, place); \
        if (error == 0)                                                   \
            *out = IM__ONCE_VALUE(at);                                    \
        error;                                                            \
    })

#define im__once_get_mut(self, at)                                \
    ({                                                            \
        IM__ONCE_ALONE(self, at);                                 \
        (at->im_raw.state & IM_ONCE_FULL) ? &at->im_value : NULL; \
    })

#define im__once_take(self, taken, at, out, error)                     \
    ({                                                                 \
        IM__ONCE_ALONE(self, at);                                      \
        IM_TYPE(at) *const out = (taken);                              \
        const int error = im_raw_once_take(&at->im_raw);               \
        if (error == 0)                                                \
            __builtin_memcpy(out, &at->im_value, sizeof at->im_value); \
        error;                                                         \
    })

#define im__once_try_destroy(self, drop, at, call, error) \
    ({                                                    \
        IM__ONCE_ALONE(self, at);                         \
        void (*const call)(IM_TYPE(at) *) = (drop);       \
        const int error = im_raw_once_take(&at->im_raw);  \
        if (error == 0 && call)                           \
            call(&at->im_value);                          \
        error == EBUSY ? EBUSY : 0;                       \
    })

#define im__once_destroy(self, drop, at, call, error, place)          \
    ({                                                                \
        IM__ONCE_ALONE(self, at);                                     \
        void (*const call)(IM_TYPE(at) *) = (drop);                   \
        const int error = im_raw_once_take(&at->im_raw);              \
        if (error == EBUSY)                                           \
            im_raw_once_refuse(&at->im_raw, EBUSY, "destroy", place); \
        if (error == 0 && call)                                       \
            call(&at->im_value);                                      \
    })

#endif
