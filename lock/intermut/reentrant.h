/* SPDX-License-Identifier: MIT */
/**
 * @file reentrant.h
 * A value that one thread at a time may use, and that the same thread may lock again while it has it.
 *
 * Use it where code under the lock calls back into code that takes it: a logger whose formatting functions log, a
 * widget tree. Where the calls can be put in order, an <intermut/mutex.h> is the better lock: it finds a call
 * that nobody expected.
 *
 * Since several callers of one thread may have it at the same time, it gives a const T * only. What is to change
 * goes into a cell, most often an <intermut/refcell.h>, which notices when two of these callers are in each other's way:
 *
 *     static im_reentrant(im_refcell(struct log)) logger;
 *
 *     static void log_line(const char *text)                       // may be called while a line is being formatted
 *     {
 *         im_reentrant_with(log, &logger) {
 *             im_refcell_try_with_mut(l, log) { log_append(l, text); }
 *             else defer(text);
 *         }
 *     }
 *
 * ## Forms
 *
 * | form  |                                                                                                        |
 * |-------|--------------------------------------------------------------------------------------------------------|
 * | pair  | const T *im_reentrant_lock(r), im_reentrant_unlock(r); try_lock lock_for lock_until: NULL is "not now"   |
 * | block | im_reentrant_with(name, r) { … }; try_with, try_with_for, try_with_until { … } else { … }               |
 * | guard | im_reentrant_lock_guard(type, r), a value that a function can return: <intermut/reentrant_guard.h>;     |
 * |       | try_lock_guard, lock_guard_for, lock_guard_until: an empty guard is "not now"                          |
 *
 * A block is left cleanly by any way, as in <intermut/mutex.h>; so are durations, deadlines, fairness. Each lock needs one
 * unlock, by the same thread: panic otherwise. It can be taken 2^32 times; then lock panics, and the others say
 * no. A zeroed one is unlocked and holds a zeroed T; it may be moved by its bytes while it is unlocked. 16 bytes before the T.
 * fork(): as <intermut/mutex.h>; the child does not use one that was locked.
 * Cost: a mutex, and writing the owner; once more by the same thread: one locked instruction, which finds it taken.
 * Source: parking_lot's ReentrantMutex.
 */
#ifndef INTERMUT_REENTRANT_H
#define INTERMUT_REENTRANT_H

#include <intermut/reentrant_guard.h>

/** A T behind a lock that its holder may take again. Name the type once: `typedef im_reentrant(T) name;`. */
#define im_reentrant(T)                 \
    struct {                            \
        struct im_raw_reentrant im_raw; \
        __typeof__(T) im_value;         \
        IM_TAGS(reentrant, T);          \
    }

/** Static initialiser; the argument initialises the T: `IM_REENTRANT_INIT(IM_REFCELL_INIT({0}))`. */
#define IM_REENTRANT_INIT(...)  \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** const T *: the value, for this thread alone until as many unlocks. Shared. */
#define im_reentrant_lock(self)                                          \
    (IM__REENTRANT_CHECK(self, "reentrant: lock needs an im_reentrant"), \
     im__reentrant_lock(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL when another thread has it. Shared. Never waits. */
#define im_reentrant_try_lock(self)                                                  \
    IM__TRY((IM__REENTRANT_CHECK(self, "reentrant: try_lock needs an im_reentrant"), \
             im__reentrant_try_lock(self, IM_UNIQUE(at), IM_PLACE(#self))))

/** The same, or NULL after so many nanoseconds. Shared. */
#define im_reentrant_lock_for(self, duration_ns)                                     \
    IM__TRY((IM__REENTRANT_CHECK(self, "reentrant: lock_for needs an im_reentrant"), \
             im__reentrant_lock_timed(self, im_raw_reentrant_lock_for, duration_ns, IM_UNIQUE(at), IM_PLACE(#self))))

/** The same, or NULL when CLOCK_MONOTONIC has come to so many nanoseconds. Shared. */
#define im_reentrant_lock_until(self, deadline_ns)                                 \
    IM__TRY(                                                                       \
        (IM__REENTRANT_CHECK(self, "reentrant: lock_until needs an im_reentrant"), \
         im__reentrant_lock_timed(self, im_raw_reentrant_lock_until, deadline_ns, IM_UNIQUE(at), IM_PLACE(#self))))

/** const T *: the value, for the thread that holds the lock, as im_mutex_value(). Shared. Panics when it does not. */
#define im_reentrant_value(self)                                          \
    (IM__REENTRANT_CHECK(self, "reentrant: value needs an im_reentrant"), \
     im__reentrant_value(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** End one hold. Shared. Panics when this thread has none. */
#define im_reentrant_unlock(self)                                          \
    (IM__REENTRANT_CHECK(self, "reentrant: unlock needs an im_reentrant"), \
     im__reentrant_unlock(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** bool: whether this thread has it. Shared. Exact. */
#define im_reentrant_is_held_by_me(self)                                          \
    (IM__REENTRANT_CHECK(self, "reentrant: is_held_by_me needs an im_reentrant"), \
     im_raw_reentrant_is_mine(&(self)->im_raw))

/** bool: whether some thread has it. Shared. Only a look: it may be wrong by now. */
#define im_reentrant_is_locked(self)                                          \
    (IM__REENTRANT_CHECK(self, "reentrant: is_locked needs an im_reentrant"), \
     im_raw_futex_is_locked(&(self)->im_raw.lock))

/** `im_reentrant_with(name, r) { … }`: a block in which `name` is a const T * to the value, and that has the lock. Shared. */
#define im_reentrant_with(name, self)                                                                                 \
    IM__REENTRANT_BLOCK(name, self, im_raw_reentrant_close, im__reentrant_open(self, IM_UNIQUE(at), IM_PLACE(#self)), \
                        IM_LOCK_NOTED(IM_LOCK_HELD(self)), "reentrant: with needs an im_reentrant")

/** `im_reentrant_try_with(name, r) { … } else { … }`: the else part runs where try_lock says no. Shared. */
#define im_reentrant_try_with(name, self)                                                \
    IM__REENTRANT_BLOCK(name, self, im_raw_reentrant_try_close,                          \
                        im__reentrant_try_open(self, IM_UNIQUE(at), IM_PLACE(#self)), 1, \
                        "reentrant: try_with needs an im_reentrant")                     \
    IM__REENTRANT_IF(name, self)

/** The same with a duration, as lock_for. Shared. */
#define im_reentrant_try_with_for(name, self, duration_ns)                                                         \
    IM__REENTRANT_BLOCK(                                                                                           \
        name, self, im_raw_reentrant_try_close,                                                                    \
        im__reentrant_open_timed(self, im_raw_reentrant_lock_for, duration_ns, IM_UNIQUE(at), IM_PLACE(#self)), 1, \
        "reentrant: try_with_for needs an im_reentrant")                                                           \
    IM__REENTRANT_IF(name, self)

/** The same with a deadline, as lock_until. Shared. */
#define im_reentrant_try_with_until(name, self, deadline_ns)                                                         \
    IM__REENTRANT_BLOCK(                                                                                             \
        name, self, im_raw_reentrant_try_close,                                                                      \
        im__reentrant_open_timed(self, im_raw_reentrant_lock_until, deadline_ns, IM_UNIQUE(at), IM_PLACE(#self)), 1, \
        "reentrant: try_with_until needs an im_reentrant")                                                           \
    IM__REENTRANT_IF(name, self)

/**
 * `im_reentrant_unlocked(r) { … }`: a block, inside a section, without one hold; it is taken again at the end, also by return, goto or
 * break. Shared. Others get in only if it was the only one of this thread. What was read before it may have changed after it.
 */
#define im_reentrant_unlocked(self) \
    IM__REENTRANT_UNLOCKED(self, IM_PLACE(#self), IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(once))

/** A guard of the type `guard`, an im_reentrant_guard(T) (<intermut/reentrant_guard.h>). Shared. */
#define im_reentrant_lock_guard(guard, self)                                                                   \
    (IM__REENTRANT_CHECK(self, "reentrant: lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T)"), \
     IM__GUARD_FOR(guard, reentrant_guard, self,                                                               \
                   "reentrant: lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T)"),             \
     im__reentrant_lock_guard(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard when another thread has it. Shared. Never waits. */
#define im_reentrant_try_lock_guard(guard, self)                                                                   \
    (IM__REENTRANT_CHECK(self, "reentrant: try_lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T)"), \
     IM__GUARD_FOR(guard, reentrant_guard, self,                                                                   \
                   "reentrant: try_lock_guard needs an im_reentrant_guard(T) and an im_reentrant(T)"),             \
     im__reentrant_try_lock_guard(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard after so many nanoseconds. Shared. */
#define im_reentrant_lock_guard_for(guard, self, duration_ns)                                                      \
    (IM__REENTRANT_CHECK(self, "reentrant: lock_guard_for needs an im_reentrant_guard(T) and an im_reentrant(T)"), \
     IM__GUARD_FOR(guard, reentrant_guard, self,                                                                   \
                   "reentrant: lock_guard_for needs an im_reentrant_guard(T) and an im_reentrant(T)"),             \
     im__reentrant_lock_guard_timed(guard, self, im_raw_reentrant_lock_for, duration_ns, IM_UNIQUE(at),            \
                                    IM_PLACE(#self)))

/** The same, or an empty guard when CLOCK_MONOTONIC has come to so many nanoseconds. Shared. */
#define im_reentrant_lock_guard_until(guard, self, deadline_ns)                                                      \
    (IM__REENTRANT_CHECK(self, "reentrant: lock_guard_until needs an im_reentrant_guard(T) and an im_reentrant(T)"), \
     IM__GUARD_FOR(guard, reentrant_guard, self,                                                                     \
                   "reentrant: lock_guard_until needs an im_reentrant_guard(T) and an im_reentrant(T)"),             \
     im__reentrant_lock_guard_timed(guard, self, im_raw_reentrant_lock_until, deadline_ns, IM_UNIQUE(at),            \
                                    IM_PLACE(#self)))

/** T *: the value itself, without locking. Exclusive. Panics when it is locked. */
#define im_reentrant_get_mut(self)                                                                   \
    (IM__REENTRANT_CHECK(self, "reentrant: get_mut needs an im_reentrant"),                          \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "reentrant: get_mut needs an exclusive (non-const) pointer"), \
     im__reentrant_get_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T: the value of one that ends here. Exclusive. Panics when it is locked. */
#define im_reentrant_into_inner(self)                                                                   \
    (IM__REENTRANT_CHECK(self, "reentrant: into_inner needs an im_reentrant"),                          \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "reentrant: into_inner needs an exclusive (non-const) pointer"), \
     im__reentrant_into_inner(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The end of one. Exclusive. Panics when it is locked. Frees nothing. */
#define im_reentrant_destroy(self)                                                                   \
    (IM__REENTRANT_CHECK(self, "reentrant: destroy needs an im_reentrant"),                          \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "reentrant: destroy needs an exclusive (non-const) pointer"), \
     im_raw_reentrant_destroy(&(self)->im_raw, IM_PLACE(#self)))

#define IM__REENTRANT_CHECK(self, sentence) IM_REQUIRE_KIND(self, reentrant, sentence)

/* `at` is evaluated once; always a shared pointer. */
#define IM__REENTRANT_AT(self, at) const __typeof__(*(self)) *at = (self)

/* Not IM_LOCK_TAKEN: clang would warn of the second lock in one function, which is what this type is for. */
#define im__reentrant_lock(self, at, place)          \
    ({                                               \
        IM__REENTRANT_AT(IM_LOCK_HELD(self), at);    \
        im_raw_reentrant_lock(&at->im_raw, place);   \
        (const IM_TYPE(at) *)im_unsafe_cell_get(at); \
    })

#define im__reentrant_try_lock(self, at, place)                                                    \
    (const IM_TYPE(self) *)im_result_of_a_const_try(({                                             \
        IM__REENTRANT_AT(self, at);                                                                \
        im_raw_reentrant_try_lock(&at->im_raw, place) ? (const IM_TYPE(at) *)&at->im_value : NULL; \
    }))

#define im__reentrant_lock_timed(self, lock, time, at, place)                       \
    (const IM_TYPE(self) *)im_result_of_a_const_try(({                              \
        IM__REENTRANT_AT(self, at);                                                 \
        lock(&at->im_raw, time, place) ? (const IM_TYPE(at) *)&at->im_value : NULL; \
    }))

#define im__reentrant_value(self, at, place)               \
    ({                                                     \
        IM__REENTRANT_AT(IM_LOCK_NEEDED(self), at);        \
        im_raw_reentrant_require_mine(&at->im_raw, place); \
        (const IM_TYPE(at) *)&at->im_value;                \
    })

#define im__reentrant_unlock(self, at, place)        \
    ({                                               \
        IM__REENTRANT_AT(self, at);                  \
        im_raw_reentrant_unlock(&at->im_raw, place); \
    })

#define im__reentrant_open(self, at, place)                       \
    ({                                                            \
        IM__REENTRANT_AT(self, at);                               \
        im_raw_reentrant_open(&at->im_raw, &at->im_value, place); \
    })

#define im__reentrant_try_open(self, at, place)                                                                    \
    ({                                                                                                             \
        IM__REENTRANT_AT(self, at);                                                                                \
        im_raw_reentrant_opened(im_raw_reentrant_try_lock(&at->im_raw, place), &at->im_raw, &at->im_value, place); \
    })

#define im__reentrant_open_timed(self, lock, time, at, place)                                       \
    ({                                                                                              \
        IM__REENTRANT_AT(self, at);                                                                 \
        im_raw_reentrant_opened(lock(&at->im_raw, time, place), &at->im_raw, &at->im_value, place); \
    })

/* Where a try block has the lock. */
#define IM__REENTRANT_IF(name, self) if (name && IM_LOCK_NOTED(IM_LOCK_HELD(self)))
#define IM__REENTRANT_BLOCK(name, self, close, opened, note, sentence) \
    IM__REENTRANT_BLOCK_BY(name, self, close, opened, note, sentence, IM_UNIQUE(block), IM_UNIQUE(once))
/* The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. */
#define IM__REENTRANT_BLOCK_BY(name, self, close, opened, note, sentence, block, once)                       \
    for (struct im_raw_reentrant_block block IM_CLEANUP(close) = ({                                          \
             IM__REENTRANT_CHECK(self, sentence);                                                            \
             opened;                                                                                         \
         }),                                                                                                 \
                                             *once = &block;                                                 \
         once; once = NULL)                                                                                  \
        for (const IM_TYPE(self) *name = (const IM_TYPE(self) *)((void)note, block.value); (void)name, once; \
             once = NULL)

#define im__reentrant_lock_guard(guard, self, at, place)   \
    ({                                                     \
        IM__REENTRANT_AT(self, at);                        \
        im_raw_reentrant_lock(&at->im_raw, place);         \
        IM__GUARD_OF(guard, {&at->im_raw}, &at->im_value); \
    })

#define im__reentrant_try_lock_guard(guard, self, at, place)                                              \
    ({                                                                                                    \
        IM__REENTRANT_AT(self, at);                                                                       \
        im_raw_reentrant_try_lock(&at->im_raw, place) ? IM__GUARD_OF(guard, {&at->im_raw}, &at->im_value) \
                                                      : IM__GUARD_EMPTY(guard);                           \
    })

#define im__reentrant_lock_guard_timed(guard, self, lock, time, at, place)                                           \
    ({                                                                                                               \
        IM__REENTRANT_AT(self, at);                                                                                  \
        lock(&at->im_raw, time, place) ? IM__GUARD_OF(guard, {&at->im_raw}, &at->im_value) : IM__GUARD_EMPTY(guard); \
    })

#define IM__REENTRANT_UNLOCKED(self, place, at, block, once)                                                 \
    for (struct im_raw_reentrant_guard_unlocked block IM_CLEANUP(im_raw_reentrant_guard_close_unlocked) = ({ \
             IM__REENTRANT_CHECK(self, "reentrant: unlocked needs an im_reentrant");                         \
             IM__REENTRANT_AT(self, at);                                                                     \
             im_raw_reentrant_open_unlocked(&at->im_raw, place);                                             \
         }),                                                                                                 \
                                                      *once = &block;                                        \
         once; once = NULL)

#define im__reentrant_get_mut(self, at, place)                            \
    ({                                                                    \
        __typeof__(self) at = (self);                                     \
        im_raw_reentrant_require_unlocked(&at->im_raw, "get_mut", place); \
        &at->im_value;                                                    \
    })

#define im__reentrant_into_inner(self, at, place)               \
    ({                                                          \
        __typeof__(self) at = (self);                           \
        im_raw_reentrant_end(&at->im_raw, "into_inner", place); \
        at->im_value;                                           \
    })

#endif
