/* SPDX-License-Identifier: MIT */
/**
 * @file mutex.h
 * A value that one thread at a time may use: the lock and what it protects are one object.
 *
 * The first choice for anything that several threads change. For plain data of up to some hundred bytes that is mostly read, an
 * <intermut/seqlock.h> has readers that never wait; where reading takes long and is frequent, <intermut/rwlock.h>.
 *
 *     typedef im_mutex(struct account) account_mutex;
 *
 *     static void deposit(const account_mutex *shared, long cents)
 *     {
 *         im_mutex_with(account, shared) { account->cents += cents; }
 *     }
 *
 * There is no way to the value that does not take the lock, but for who is alone with the object (get_mut), and for
 * functions that are called with it locked: im_mutex_value(m), for which clang's -Wthread-safety looks at the callers.
 *
 * ## Forms
 *
 * | form  |                                                                                                        |
 * |-------|--------------------------------------------------------------------------------------------------------|
 * | pair  | T *im_mutex_lock(m), im_mutex_unlock(m); try_lock lock_for lock_until: NULL is "not now"                |
 * | block | im_mutex_with(name, m) { … }; try_with, try_with_for, try_with_until { … } else { … }                   |
 * | two   | im_lock2(a, m, b, n) { … } takes both in the order of their addresses                                   |
 * | guard | im_mutex_lock_guard(type, m), a value that a function can return: <intermut/mutex_guard.h>;             |
 * |       | try_lock_guard, lock_guard_for, lock_guard_until: an empty guard is "not now"                          |
 *
 * A block is left cleanly also by return, goto and break, and, in a program compiled with -fexceptions, when the thread
 * is cancelled or exits. break and continue end the block, not a loop around it. im_mutex_unlocked(m) { … } inside is
 * the reverse. Durations are in nanoseconds, deadlines nanoseconds on CLOCK_MONOTONIC, so that nobody who sets a clock
 * changes them; one in the past is one try.
 *
 * ## Which lock
 *
 * `im_mutex(T)` has an im_raw_futex: four bytes before the T. `im_mutex_of(RAW, T)` has any other one:
 *
 * | RAW              | bytes | for                                                                               |
 * |------------------|-------|-----------------------------------------------------------------------------------|
 * | im_raw_futex     | 4     | all that is not said below                                                        |
 * | im_raw_poisoning | 16    | the same, and a holder that ends early is noticed                                 |
 * | im_raw_pthread   | 48    | several processes, robust against the death of a holder, priority inheritance     |
 * | im_raw_spinlock  | 1     | sections of some instructions, threads that keep their cores                      |
 * | im_raw_ticket    | 4     | the same, served in the order of arrival                                          |
 *
 * A raw lock of your own (<intermut/raw_lock.h>): `#define IM_MUTEX_MORE_RAW_LOCKS const struct mine *: &mine_ops,`
 * before the first include.
 *
 * ## Fairness
 *
 * A lock that is unlocked goes to whoever comes first, most often the thread that had it: that is what makes it fast.
 * Nobody waits for ever: a thread that has waited for a millisecond gets it before newcomers (raw_futex.c). unlock_fair hands over at once,
 * bump does so if somebody waits.
 *
 * ## Poison
 *
 * With im_raw_poisoning a value that may have been left halfway is marked: by im_mutex_poison(), or because a block was left before its
 * end: the thread was cancelled or exited inside (-fexceptions), or by return, goto or break. C cannot tell these apart: a
 * block that is done early says `continue`. With a robust im_raw_pthread the mark says that a holder died. Then lock panics, and the try_
 * and timed forms say no, until somebody calls clear_poison; lock_anyway gets at the value.
 *
 * ## Rules
 *
 * Who locked unlocks. Locking again in the same thread waits for ever, try_lock says no; a checked build panics. Unlocking what is not
 * locked panics, and so do destroy, get_mut and into_inner of what is locked. No operation is a cancellation point or touches errno.
 * A zeroed mutex is unlocked and holds a zeroed T; it may be moved by its bytes while it is unlocked.
 * Order: each lock acquires what the unlock before it released. Not in signal handlers.
 *
 * fork(): the child has a copy of each mutex, as it was at that moment: maybe held by a thread, and waited for by threads, that the
 * child does not have. So a mutex that the child is to use is taken before the fork, by the thread that forks:
 * im_mutex_fork_prepare, im_mutex_fork_parent and im_mutex_fork_child are for the three functions of pthread_atfork().
 * The child of a fork() without that does not use it (a new program, started by exec, has none of them).
 *
 * Cost: lock and unlock are one locked instruction each. Source: Rust's std::sync::Mutex, parking_lot.
 */
#ifndef INTERMUT_MUTEX_H
#define INTERMUT_MUTEX_H

#include <intermut/lock_safety.h>
#include <intermut/mutex_guard.h>
#include <intermut/raw_futex.h>
#include <intermut/raw_poisoning.h>
#include <intermut/raw_pthread.h>
#include <intermut/raw_spinlock.h>
#include <intermut/raw_ticket.h>

/** A T behind the default lock. Name the type once: `typedef im_mutex(T) name;`. */
#define im_mutex(T) im_mutex_of(im_raw_futex, T)

/** A T behind the raw lock RAW. */
#define im_mutex_of(RAW, T)     \
    struct {                    \
        struct RAW im_raw;      \
        __typeof__(T) im_value; \
        IM_TAGS(mutex, T);      \
    }

/** Static initialiser; the argument initialises the T: `IM_MUTEX_INIT(3)`, `IM_MUTEX_INIT({1, 2})`. */
#define IM_MUTEX_INIT(...)      \
    {                           \
        .im_value = __VA_ARGS__ \
    }

/** 0, or an errno value: attributes for an `im_mutex_of(im_raw_pthread, T)`, before its first use. Exclusive. */
#define im_mutex_init_pthread(self, attributes)                                                                     \
    (IM__MUTEX_CHECK(self, "mutex: init_pthread needs an im_mutex_of(im_raw_pthread, T)"),                          \
     IM_REQUIRE(IM__MUTEX_IS(self, im_raw_pthread), "mutex: init_pthread needs an im_mutex_of(im_raw_pthread, T)"), \
     im_raw_pthread_init(&(self)->im_raw, attributes))

/** T *: the value, for this thread alone until im_mutex_unlock(). Shared. Panics when it is poisoned. */
#define im_mutex_lock(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: lock needs an im_mutex"), \
     im__mutex_lock(self, im_raw_mutex_lock, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, poisoned or not. Shared. */
#define im_mutex_lock_anyway(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: lock_anyway needs an im_mutex"), \
     im__mutex_lock(self, im_raw_mutex_lock_anyway, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or NULL when somebody holds it, goes first, or it is poisoned. Shared. Never waits. */
#define im_mutex_try_lock(self)                                                                                     \
    IM__LOCK_TRY((IM__MUTEX_CHECK(self, "mutex: try_lock needs an im_mutex"),                                       \
                  im__mutex_try_lock(self, IM_UNIQUE(at), IM_PLACE(#self))),                                        \
                 im__mutex_tried(im_lock_capability(self),                                                          \
                                 (IM__MUTEX_CHECK(self, "mutex: try_lock needs an im_mutex"), IM__MUTEX_OPS(self)), \
                                 IM__LOCK_OFFSET(self), IM__MUTEX_NOW, 0, IM_PLACE(#self)))

/** The same, or NULL after so many nanoseconds, or when it is poisoned. Shared. */
#define im_mutex_lock_for(self, duration_ns)                                                                        \
    IM__LOCK_TRY((IM__MUTEX_CHECK(self, "mutex: lock_for needs an im_mutex"),                                       \
                  im__mutex_lock_timed(self, im_raw_mutex_lock_for, duration_ns, IM_UNIQUE(at), IM_PLACE(#self))),  \
                 im__mutex_tried(im_lock_capability(self),                                                          \
                                 (IM__MUTEX_CHECK(self, "mutex: lock_for needs an im_mutex"), IM__MUTEX_OPS(self)), \
                                 IM__LOCK_OFFSET(self), IM__MUTEX_FOR, duration_ns, IM_PLACE(#self)))

/** The same, or NULL when CLOCK_MONOTONIC has come to so many nanoseconds, or when it is poisoned. Shared. */
#define im_mutex_lock_until(self, deadline_ns)                                                                        \
    IM__LOCK_TRY((IM__MUTEX_CHECK(self, "mutex: lock_until needs an im_mutex"),                                       \
                  im__mutex_lock_timed(self, im_raw_mutex_lock_until, deadline_ns, IM_UNIQUE(at), IM_PLACE(#self))),  \
                 im__mutex_tried(im_lock_capability(self),                                                            \
                                 (IM__MUTEX_CHECK(self, "mutex: lock_until needs an im_mutex"), IM__MUTEX_OPS(self)), \
                                 IM__LOCK_OFFSET(self), IM__MUTEX_UNTIL, deadline_ns, IM_PLACE(#self)))

/**
 * T *: the value, for the thread that holds the lock: in functions that their callers call with the lock, where clang
 * warns if they do not (IM_REQUIRES_LOCK, <intermut/lock_safety.h>). Shared. Panics when it is not locked, in checked
 * code also when another thread holds it.
 */
#define im_mutex_value(self) \
    (IM__MUTEX_CHECK(self, "mutex: value needs an im_mutex"), im__mutex_value(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** Give it back. Shared. Panics when it is not locked. */
#define im_mutex_unlock(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: unlock needs an im_mutex"), \
     im__mutex_do(IM_LOCK_GIVEN(self), im_raw_mutex_unlock, IM_UNIQUE(at), IM_PLACE(#self)))

/**
 * The same, and a thread that sleeps for it has it next. Shared. For who holds it over and over. Costs a switch of threads, and the
 * object has to live until it returns. Locks without sleepers (im_raw_spinlock, im_raw_pthread) yield the core instead.
 */
#define im_mutex_unlock_fair(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: unlock_fair needs an im_mutex"), \
     im__mutex_do(IM_LOCK_GIVEN(self), im_raw_mutex_unlock_fair, IM_UNIQUE(at), IM_PLACE(#self)))

/** unlock_fair and lock again, but nothing when nobody waits: for the middle of a long section. Shared. */
#define im_mutex_bump(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: bump needs an im_mutex"), \
     im__mutex_do(self, im_raw_mutex_bump, IM_UNIQUE(at), IM_PLACE(#self)))

/** bool: whether somebody holds it at this moment. Shared. Only a look: it may be wrong by now. */
#define im_mutex_is_locked(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: is_locked needs an im_mutex"), \
     im__mutex_ask(self, IM__MUTEX_OPS(self)->is_locked, IM_UNIQUE(at)))

/**
 * `im_mutex_with(name, mutex) { … }`: a block in which `name` is a T * to the value, and that has the lock. Shared.
 * Panics when it is poisoned.
 */
#define im_mutex_with(name, self)                                                                         \
    IM__MUTEX_BLOCK(name, self, im_raw_mutex_close, im__mutex_open(self, IM_UNIQUE(at), IM_PLACE(#self)), \
                    IM_LOCK_NOTED(IM_LOCK_HELD(self)), "mutex: with needs an im_mutex")

/** `im_mutex_try_with(name, mutex) { … } else { … }`: the else part runs where try_lock says no. Shared. */
#define im_mutex_try_with(name, self)                                                                                \
    IM__MUTEX_BLOCK(name, self, im_raw_mutex_try_close, im__mutex_try_open(self, IM_UNIQUE(at), IM_PLACE(#self)), 1, \
                    "mutex: try_with needs an im_mutex")                                                             \
    IM__MUTEX_IF(name, self)

/** The same with a duration, as lock_for: `im_mutex_try_with_for(name, mutex, 1000000) { … } else { … }`. Shared. */
#define im_mutex_try_with_for(name, self, duration_ns)                                                                 \
    IM__MUTEX_BLOCK(name, self, im_raw_mutex_try_close,                                                                \
                    im__mutex_open_timed(self, im_raw_mutex_lock_for, duration_ns, IM_UNIQUE(at), IM_PLACE(#self)), 1, \
                    "mutex: try_with_for needs an im_mutex")                                                           \
    IM__MUTEX_IF(name, self)

/** The same with a deadline, as lock_until. Shared. */
#define im_mutex_try_with_until(name, self, deadline_ns)                                                              \
    IM__MUTEX_BLOCK(name, self, im_raw_mutex_try_close,                                                               \
                    im__mutex_open_timed(self, im_raw_mutex_lock_until, deadline_ns, IM_UNIQUE(at), IM_PLACE(#self)), \
                    1, "mutex: try_with_until needs an im_mutex")                                                     \
    IM__MUTEX_IF(name, self)

/**
 * `im_lock2(a, &one, b, &two) { … }`: a block that has two locks, with `a` and `b` as T * to their values. Shared.
 * They are taken in the order of their addresses, so threads that want the same two in any order do not wait for each
 * other; but who holds one of them already may. The two may have different types. Panics when they are one.
 */
#define im_lock2(name_one, one, name_two, two)                                                                    \
    IM__LOCK2(name_one, one, name_two, two, IM_PLACE(#one), IM_PLACE(#two), IM_UNIQUE(at_one), IM_UNIQUE(at_two), \
              IM_UNIQUE(pair), IM_UNIQUE(once))

/**
 * `im_mutex_unlocked(mutex) { … }`: a block, inside a section, that does not have the lock; it is locked again at the end,
 * also by return, goto or break. Shared. Pointers to the value are not used inside, and what was read before it may have changed
 * after it. Poison that came meanwhile is not reported: ask is_poisoned.
 */
#define im_mutex_unlocked(self) \
    IM__MUTEX_UNLOCKED(self, IM_UNIQUE(at), IM_UNIQUE(block), IM_UNIQUE(once), IM_PLACE(#self))

/** A guard of the type `guard`, an im_mutex_guard(T). Shared. Panics when it is poisoned. */
#define im_mutex_lock_guard(guard, self)                                                                    \
    (IM__MUTEX_GUARD_CHECK(guard, self, "mutex: lock_guard needs an im_mutex_guard(T) and an im_mutex(T)"), \
     im__mutex_lock_guard(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard. Shared. */
#define im_mutex_try_lock_guard(guard, self)                                                                    \
    (IM__MUTEX_GUARD_CHECK(guard, self, "mutex: try_lock_guard needs an im_mutex_guard(T) and an im_mutex(T)"), \
     im__mutex_try_lock_guard(guard, self, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard after so many nanoseconds. Shared. */
#define im_mutex_lock_guard_for(guard, self, duration_ns)                                                       \
    (IM__MUTEX_GUARD_CHECK(guard, self, "mutex: lock_guard_for needs an im_mutex_guard(T) and an im_mutex(T)"), \
     im__mutex_lock_guard_timed(guard, self, im_raw_mutex_lock_for, duration_ns, IM_UNIQUE(at), IM_PLACE(#self)))

/** The same, or an empty guard when CLOCK_MONOTONIC has come to so many nanoseconds. Shared. */
#define im_mutex_lock_guard_until(guard, self, deadline_ns)                                                       \
    (IM__MUTEX_GUARD_CHECK(guard, self, "mutex: lock_guard_until needs an im_mutex_guard(T) and an im_mutex(T)"), \
     im__mutex_lock_guard_timed(guard, self, im_raw_mutex_lock_until, deadline_ns, IM_UNIQUE(at), IM_PLACE(#self)))

/** Mark the value as left halfway. Shared, for its holder. */
#define im_mutex_poison(self)                                                                 \
    (IM__MUTEX_POISON_CHECK(self, "mutex: poison needs an im_mutex_of(im_raw_poisoning, T)"), \
     im__mutex_do(self, im_raw_mutex_poison, IM_UNIQUE(at), IM_PLACE(#self)))

/** bool: whether it is poisoned. Shared. Exact for the holder, only a look for others. */
#define im_mutex_is_poisoned(self)                                                                 \
    (IM__MUTEX_POISON_CHECK(self, "mutex: is_poisoned needs an im_mutex_of(im_raw_poisoning, T)"), \
     im__mutex_is_poisoned(self, IM_UNIQUE(at)))

/** The value is good again. Shared, for its holder (lock_anyway), or while nobody else is there. */
#define im_mutex_clear_poison(self)                                                                 \
    (IM__MUTEX_POISON_CHECK(self, "mutex: clear_poison needs an im_mutex_of(im_raw_poisoning, T)"), \
     im__mutex_clear_poison(self, IM_UNIQUE(at)))

/** T *: the value itself, without locking, poisoned or not. Exclusive. Panics when it is locked. */
#define im_mutex_get_mut(self)                                                                   \
    (IM__MUTEX_CHECK(self, "mutex: get_mut needs an im_mutex"),                                  \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mutex: get_mut needs an exclusive (non-const) pointer"), \
     im__mutex_get_mut(self, IM_UNIQUE(at), IM_PLACE(#self)))

/** T: the value of a mutex that ends here, poisoned or not. Exclusive. Panics when it is locked. */
#define im_mutex_into_inner(self)                                                                   \
    (IM__MUTEX_CHECK(self, "mutex: into_inner needs an im_mutex"),                                  \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mutex: into_inner needs an exclusive (non-const) pointer"), \
     im__mutex_into_inner(self, IM_UNIQUE(at), IM_PLACE(#self)))

/**
 * The end of a mutex. Exclusive. Panics when it is locked. Frees nothing, except with im_raw_pthread, whose attributes
 * may own something; for the others it is the check, in a checked build also against the records.
 */
#define im_mutex_destroy(self)                                                                   \
    (IM__MUTEX_CHECK(self, "mutex: destroy needs an im_mutex"),                                  \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "mutex: destroy needs an exclusive (non-const) pointer"), \
     im__mutex_destroy(self, IM_UNIQUE(at), IM_PLACE(#self)))

/**
 * For pthread_atfork(): take it before the fork, give it back in the parent, and in the child have it unlocked and
 * without the waiters of the parent. Shared. Several are prepared in one order, the order in which the program locks them.
 * A lock with attributes of im_raw_pthread has none in the child; one that processes share needs nothing of this.
 */
#define im_mutex_fork_prepare(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: fork_prepare needs an im_mutex"), \
     im__mutex_do(self, im_raw_mutex_fork_prepare, IM_UNIQUE(at), NULL))
#define im_mutex_fork_parent(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: fork_parent needs an im_mutex"), \
     im__mutex_do(self, im_raw_mutex_fork_parent, IM_UNIQUE(at), NULL))
#define im_mutex_fork_child(self)                                  \
    (IM__MUTEX_CHECK(self, "mutex: fork_child needs an im_mutex"), \
     im__mutex_do(self, im_raw_mutex_fork_child, IM_UNIQUE(at), NULL))

#ifndef IM_MUTEX_MORE_RAW_LOCKS
#define IM_MUTEX_MORE_RAW_LOCKS
#endif

/* The functions of the raw lock in the mutex that `self` points to; a constant. */
#define IM__MUTEX_OPS(self) IM__MUTEX_OPS_OF(&((const __typeof__(*(self)) *)0)->im_raw)
#define IM__MUTEX_OPS_OF(raw) \
    _Generic(raw,                                                    \
        IM_MUTEX_MORE_RAW_LOCKS const struct im_raw_futex *: &im_raw_futex_ops, \
        const struct im_raw_poisoning *: &im_raw_poisoning_ops,      \
        const struct im_raw_pthread *: &im_raw_pthread_ops,          \
        const struct im_raw_spinlock *: &im_raw_spinlock_ops,        \
        const struct im_raw_ticket *: &im_raw_ticket_ops)

/* What a guard of the mutex at `at` holds. */
#define IM__MUTEX_HOLD(at) ((struct im_raw_mutex_guard){&(at)->im_raw, IM__MUTEX_OPS(at)})
#define IM__MUTEX_IS(self, RAW) __builtin_types_compatible_p(__typeof__((self)->im_raw), struct RAW)
#define IM__MUTEX_CHECK(self, sentence) IM_REQUIRE_KIND(self, mutex, sentence)
#define IM__MUTEX_POISON_CHECK(self, sentence) \
    (IM__MUTEX_CHECK(self, sentence),          \
     IM_REQUIRE(IM__MUTEX_IS(self, im_raw_poisoning) || IM__MUTEX_IS(self, im_raw_pthread), sentence))
#define IM__MUTEX_GUARD_CHECK(guard, self, sentence) \
    (IM__MUTEX_CHECK(self, sentence), IM__GUARD_FOR(guard, mutex_guard, self, sentence))

/* `at` is the mutex, evaluated once; always a shared pointer, as all of this goes through unsafe_cell. */
#define IM__MUTEX_AT(self, at) const __typeof__(*(self)) *at = (self)

#if IM__LOCK_TRIES_ARE_SEEN
enum im__mutex_limit { IM__MUTEX_NOW, IM__MUTEX_FOR, IM__MUTEX_UNTIL };

/* The value is so many bytes after the lock. */
IM_MUST_CHECK IM_INLINE void *im__mutex_tried(const struct im_lock_capability *lock, const struct im_raw_lock_ops *ops,
                                              size_t offset, enum im__mutex_limit limit, uint64_t time_ns,
                                              const struct im_place *place)
    IM_TRY_ACQUIRE(1, *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    bool is_taken = limit == IM__MUTEX_FOR     ? im_raw_mutex_lock_for(lock, ops, time_ns, place)
                    : limit == IM__MUTEX_UNTIL ? im_raw_mutex_lock_until(lock, ops, time_ns, place)
                                               : im_raw_mutex_try_lock(lock, ops, place);
    return is_taken ? (char *)im_unsafe_unconst(lock) + offset : NULL;
}
#endif

#define im__mutex_lock(self, lock, at, place)        \
    ({                                               \
        IM__MUTEX_AT(IM_LOCK_TAKEN(self), at);       \
        lock(&at->im_raw, IM__MUTEX_OPS(at), place); \
        im_unsafe_cell_get(at);                      \
    })

#define im__mutex_try_lock(self, at, place)                                                           \
    (IM_TYPE(self) *)im_result_of_a_try(({                                                            \
        IM__MUTEX_AT(self, at);                                                                       \
        im_raw_mutex_try_lock(&at->im_raw, IM__MUTEX_OPS(at), place) ? im_unsafe_cell_get(at) : NULL; \
    }))

#define im__mutex_lock_timed(self, lock, time, at, place)                                  \
    (IM_TYPE(self) *)im_result_of_a_try(({                                                 \
        IM__MUTEX_AT(self, at);                                                            \
        lock(&at->im_raw, IM__MUTEX_OPS(at), time, place) ? im_unsafe_cell_get(at) : NULL; \
    }))

#define im__mutex_value(self, at, place)                                    \
    ({                                                                      \
        IM__MUTEX_AT(IM_LOCK_NEEDED(self), at);                             \
        im_raw_mutex_require_locked(&at->im_raw, IM__MUTEX_OPS(at), place); \
        im_unsafe_cell_get(at);                                             \
    })

#define im__mutex_do(self, operation, at, place)          \
    ({                                                    \
        IM__MUTEX_AT(self, at);                           \
        operation(&at->im_raw, IM__MUTEX_OPS(at), place); \
    })

#define im__mutex_ask(self, question, at) \
    ({                                    \
        IM__MUTEX_AT(self, at);           \
        question(&at->im_raw);            \
    })

#define im__mutex_is_poisoned(self, at)                           \
    ({                                                            \
        IM__MUTEX_AT(self, at);                                   \
        im_raw_mutex_is_poisoned(&at->im_raw, IM__MUTEX_OPS(at)); \
    })

#define im__mutex_clear_poison(self, at)                    \
    ({                                                      \
        IM__MUTEX_AT(self, at);                             \
        IM__MUTEX_OPS(at)->set_poisoned(&at->im_raw, NULL); \
    })

#define im__mutex_open(self, at, place)                                          \
    ({                                                                           \
        IM__MUTEX_AT(self, at);                                                  \
        im_raw_mutex_open(&at->im_raw, IM__MUTEX_OPS(at), &at->im_value, place); \
    })

#define im__mutex_try_open(self, at, place)                                                            \
    ({                                                                                                 \
        IM__MUTEX_AT(self, at);                                                                        \
        im_raw_mutex_opened(im_raw_mutex_try_lock(&at->im_raw, IM__MUTEX_OPS(at), place), &at->im_raw, \
                            IM__MUTEX_OPS(at), &at->im_value, place);                                  \
    })

#define im__mutex_open_timed(self, lock, time, at, place)                                                      \
    ({                                                                                                         \
        IM__MUTEX_AT(self, at);                                                                                \
        im_raw_mutex_opened(lock(&at->im_raw, IM__MUTEX_OPS(at), time, place), &at->im_raw, IM__MUTEX_OPS(at), \
                            &at->im_value, place);                                                             \
    })

#define IM__MUTEX_BLOCK(name, self, close, opened, note, sentence) \
    IM__MUTEX_BLOCK_BY(name, self, close, opened, note, sentence, IM_UNIQUE(block), IM_UNIQUE(once))
/* Where a try block has the lock. */
#define IM__MUTEX_IF(name, self) if (name && IM_LOCK_NOTED(IM_LOCK_HELD(self)))
/*
 * The inner loop only declares `name`; after a break the outer one ends because its step clears `once`. The step of the
 * inner one runs when the block was not left early.
 */
#define IM__MUTEX_BLOCK_BY(name, self, close, opened, note, sentence, block, once)                                  \
    for (struct im_raw_mutex_block block IM_CLEANUP(close) = ({                                                     \
             IM__MUTEX_CHECK(self, sentence);                                                                       \
             opened;                                                                                                \
         }),                                                                                                        \
                                         *once = &block;                                                            \
         once; once = NULL)                                                                                         \
        for (IM_TYPE(self) *name = (IM_TYPE(self) *)im_unsafe_unconst(((void)note, block.value)); (void)name, once; \
             once = (struct im_raw_mutex_block *)im_raw_mutex_finish(&block))

#define IM__LOCK2(name_one, one, name_two, two, place_one, place_two, at_one, at_two, pair, once)                   \
    for (struct im_raw_mutex_pair pair IM_CLEANUP(im_raw_mutex_close_pair) = ({                                     \
             IM__MUTEX_CHECK(one, "mutex: lock2 needs two im_mutexes");                                             \
             IM__MUTEX_CHECK(two, "mutex: lock2 needs two im_mutexes");                                             \
             IM__MUTEX_AT(one, at_one);                                                                             \
             IM__MUTEX_AT(two, at_two);                                                                             \
             im_raw_mutex_open_pair(                                                                                \
                 im_raw_mutex_opened(true, &at_one->im_raw, IM__MUTEX_OPS(at_one), &at_one->im_value, place_one),   \
                 sizeof *at_one,                                                                                    \
                 im_raw_mutex_opened(true, &at_two->im_raw, IM__MUTEX_OPS(at_two), &at_two->im_value, place_two),   \
                 sizeof *at_two);                                                                                   \
         }),                                                                                                        \
                                       *once = &pair;                                                               \
         once; once = NULL)                                                                                         \
        for (IM_TYPE(one) *name_one =                                                                               \
                 (IM_TYPE(one) *)im_unsafe_unconst(((void)IM_LOCK_NOTED(IM_LOCK_HELD(one)), pair.block_one.value)); \
             (void)name_one, once; once = NULL)                                                                     \
            for (IM_TYPE(two) *name_two = (IM_TYPE(two) *)im_unsafe_unconst(                                        \
                     ((void)IM_LOCK_NOTED(IM_LOCK_HELD(two)), pair.block_two.value));                               \
                 (void)name_two, once; once = (struct im_raw_mutex_pair *)im_raw_mutex_finish_pair(&pair))

#define IM__MUTEX_UNLOCKED(self, at, block, once, place)                              \
    for (struct im_raw_mutex_block block IM_CLEANUP(im_raw_mutex_close_unlocked) = ({ \
             IM__MUTEX_CHECK(self, "mutex: unlocked needs an im_mutex");              \
             IM__MUTEX_AT(self, at);                                                  \
             im_raw_mutex_open_unlocked(&at->im_raw, IM__MUTEX_OPS(at), place);       \
         }),                                                                          \
                                         *once = &block;                              \
         once; once = NULL)

#define im__mutex_lock_guard(guard, self, at, place)                     \
    ({                                                                   \
        IM__MUTEX_AT(self, at);                                          \
        im_raw_mutex_lock(&at->im_raw, IM__MUTEX_OPS(at), place);        \
        IM__GUARD_OF(guard, IM__MUTEX_HOLD(at), im_unsafe_cell_get(at)); \
    })

#define im__mutex_try_lock_guard(guard, self, at, place)                      \
    ({                                                                        \
        IM__MUTEX_AT(self, at);                                               \
        im_raw_mutex_try_lock(&at->im_raw, IM__MUTEX_OPS(at), place)          \
            ? IM__GUARD_OF(guard, IM__MUTEX_HOLD(at), im_unsafe_cell_get(at)) \
            : IM__GUARD_EMPTY(guard);                                         \
    })

#define im__mutex_lock_guard_timed(guard, self, lock, time, at, place)        \
    ({                                                                        \
        IM__MUTEX_AT(self, at);                                               \
        lock(&at->im_raw, IM__MUTEX_OPS(at), time, place)                     \
            ? IM__GUARD_OF(guard, IM__MUTEX_HOLD(at), im_unsafe_cell_get(at)) \
            : IM__GUARD_EMPTY(guard);                                         \
    })

#define im__mutex_get_mut(self, at, place)                                               \
    ({                                                                                   \
        __typeof__(self) at = (self);                                                    \
        im_raw_mutex_require_unlocked(&at->im_raw, IM__MUTEX_OPS(at), "get_mut", place); \
        &at->im_value;                                                                   \
    })

#define im__mutex_into_inner(self, at, place)                                  \
    ({                                                                         \
        __typeof__(self) at = (self);                                          \
        im_raw_mutex_end(&at->im_raw, IM__MUTEX_OPS(at), "into_inner", place); \
        at->im_value;                                                          \
    })

#define im__mutex_destroy(self, at, place)                           \
    ({                                                               \
        __typeof__(self) at = (self);                                \
        im_raw_mutex_destroy(&at->im_raw, IM__MUTEX_OPS(at), place); \
    })

#endif
