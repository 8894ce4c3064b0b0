/* SPDX-License-Identifier: MIT */
/**
 * @file raw_lock.h
 * What a raw lock is: the words and functions behind im_mutex(T), which know nothing of the value. No code is here.
 *
 * Programs use <intermut/mutex.h>; this is for who adds a kind of lock. A raw lock called NAME is a struct NAME and the
 * functions below. All take a pointer to const, as a lock is shared by its nature; the struct changes through
 * im_unsafe_unconst(). Zeroed is unlocked, and an unlocked lock may be moved by its bytes.
 *
 * | function                                         | what it does                                             |
 * |--------------------------------------------------|----------------------------------------------------------|
 * | void NAME_lock(const struct NAME *)              | wait until it is this thread's. Acquire                  |
 * | bool NAME_try_lock(const struct NAME *)          | take it if that is possible now; never waits. Acquire    |
 * | bool NAME_lock_until(const struct NAME *, uint64_t deadline_ns) | wait for it, but not longer than until    |
 * |                                                  | CLOCK_MONOTONIC is at deadline_ns (IM_SYNC_FOREVER: for  |
 * |                                                  | ever). A deadline in the past: try once. Acquire         |
 * | bool NAME_unlock(const struct NAME *)            | give it back. False, and nothing changed: it was not     |
 * |                                                  | locked, as far as the lock can tell. Release             |
 * | bool NAME_unlock_fair(const struct NAME *)       | the same, and who waits longest has it next, if the lock |
 * |                                                  | can do that                                              |
 * | bool NAME_is_locked(const struct NAME *)         | whether somebody holds it now; relaxed, only a look      |
 * | bool NAME_is_contended(const struct NAME *)      | for its holder: whether somebody may be waiting; relaxed |
 *
 * The struct is an IM_CAPABILITY("lock"), and those that take it or give it back say so, by the words below: so clang's
 * thread-safety analysis knows raw locks too (<intermut/lock_safety.h>).
 *
 * Each acquire meets the release of the unlock before it. Hot paths are static inline, waiting is in a .c file.
 * None touches errno, panics, or is a cancellation point; a signal handler that interrupts a wait does not end it.
 *
 * The typed macros, not the raw locks, call the hooks of <intermut/lock_checked.h>, under `if (IM_CHECKED)`. The raw locks
 * tell ThreadSanitizer and Helgrind (<intermut/lock_tools.h>).
 */
#ifndef INTERMUT_RAW_LOCK_H
#define INTERMUT_RAW_LOCK_H

#include <intermut/backoff.h>
#include <intermut/checked.h>
#include <intermut/sync.h>
#include <intermut/thread_safety.h>
#include <intermut/unsafe_cell.h>

/*
 * Behind the parameters of a function of the lock `self`, for clang: it takes the lock, takes it if its result is true,
 * gives it back, or goes from writing to reading. Its body is not analysed: it is how that is done.
 */
#define IM_RAW_TAKES IM_ACQUIRE(*self) IM_NO_THREAD_SAFETY_ANALYSIS
#define IM_RAW_TRIES IM_TRY_ACQUIRE(true, *self) IM_NO_THREAD_SAFETY_ANALYSIS
#define IM_RAW_TRIES_SHARED IM_TRY_ACQUIRE_SHARED(true, *self) IM_NO_THREAD_SAFETY_ANALYSIS
#define IM_RAW_GIVES IM_RELEASE(*self) IM_NO_THREAD_SAFETY_ANALYSIS
#define IM_RAW_GIVES_SHARED IM_RELEASE_SHARED(*self) IM_NO_THREAD_SAFETY_ANALYSIS
#define IM_RAW_DOWNGRADES IM_RELEASE(*self) IM_ACQUIRE_SHARED(*self) IM_NO_THREAD_SAFETY_ANALYSIS

/** The functions of one kind of lock, for what is written once for all of them. */
struct im_raw_lock_ops {
    void (*lock)(const void *lock);
    bool (*try_lock)(const void *lock);
    bool (*lock_until)(const void *lock, uint64_t deadline_ns);
    bool (*unlock)(const void *lock);
    bool (*unlock_fair)(const void *lock);
    bool (*is_locked)(const void *lock);
    bool (*is_contended)(const void *lock);

    /** Unlocked and without waiters, in the child of a fork() by its holder. */
    void (*reset)(const void *lock);
    /** The end of an unlocked lock. NULL: nothing to do. */
    void (*destroy)(void *lock);

    /** For the holder: one more unlock is needed; false: too many. NULL: the lock cannot do that. */
    bool (*share)(const void *lock);
    /** For the holder: whether more than one unlock is needed. */
    bool (*is_shared)(const void *lock);

    /**
     * Lock it as one that has slept, maybe on the lock's own first four bytes, moved there from another futex while it did
     * not know. NULL: the lock wakes nobody there.
     */
    void (*lock_moved)(const void *lock);

    /** Where it was poisoned, or NULL. NULL: the lock cannot be. */
    const struct im_place *(*poisoned)(const void *lock);
    /** Poison it; NULL: clear that. */
    void (*set_poisoned)(const void *lock, const struct im_place *place);
    /** Leaving a block before its end poisons it. */
    bool is_poisoned_by_early_ends;
};

/**
 * Define `NAME_ops` after the functions of the lock NAME, and further members if it can do more:
 * `IM_RAW_LOCK(NAME)`, `IM_RAW_LOCK(NAME, .share = …)`.
 *
 * Called by pointers, which gcc's -Og follows too late to inline what it must: so nothing here is IM_INLINE.
 */
#define IM_RAW_LOCK(NAME, ...)                                                                                 \
    static inline void NAME##__lock(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS                             \
    {                                                                                                          \
        NAME##_lock((const struct NAME *)lock);                                                                \
    }                                                                                                          \
    IM__RAW_LOCK_ANSWER(NAME, try_lock)                                                                        \
    IM__RAW_LOCK_ANSWER(NAME, unlock)                                                                          \
    IM__RAW_LOCK_ANSWER(NAME, unlock_fair)                                                                     \
    IM__RAW_LOCK_ANSWER(NAME, is_locked)                                                                       \
    IM__RAW_LOCK_ANSWER(NAME, is_contended)                                                                    \
    static inline bool NAME##__lock_until(const void *lock, uint64_t deadline_ns) IM_NO_THREAD_SAFETY_ANALYSIS \
    {                                                                                                          \
        return NAME##_lock_until((const struct NAME *)lock, deadline_ns);                                      \
    }                                                                                                          \
    IM_UNUSED static const struct im_raw_lock_ops NAME##_ops = {.lock = NAME##__lock,                          \
                                                                .try_lock = NAME##__try_lock,                  \
                                                                .lock_until = NAME##__lock_until,              \
                                                                .unlock = NAME##__unlock,                      \
                                                                .unlock_fair = NAME##__unlock_fair,            \
                                                                .is_locked = NAME##__is_locked,                \
                                                                .is_contended = NAME##__is_contended,          \
                                                                __VA_ARGS__}
/* The function NAME__operation, which is NAME_operation from a pointer to anything. */
#define IM__RAW_LOCK_ANSWER(NAME, operation)                                              \
    static inline bool NAME##__##operation(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS \
    {                                                                                     \
        return NAME##_##operation((const struct NAME *)lock);                             \
    }

/** The moment `duration_ns` from now on CLOCK_MONOTONIC; IM_SYNC_FOREVER when that is beyond counting. */
static inline uint64_t im_lock_deadline(uint64_t duration_ns)
{
    uint64_t deadline_ns;
    if (__builtin_add_overflow(im_sync_now_ns(), duration_ns, &deadline_ns))
        return IM_SYNC_FOREVER;
    return deadline_ns;
}

#endif
