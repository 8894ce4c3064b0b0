/* SPDX-License-Identifier: MIT */
/**
 * @file lock_safety.h
 * What locks tell clang's thread-safety analysis: with `-Wthread-safety`, an access without the lock is a warning.
 *
 *     typedef im_mutex(struct account) account_mutex;
 *
 *     static void deposit(const account_mutex *shared, long cents) IM_REQUIRES_LOCK(shared)
 *     {
 *         im_mutex_value(shared)->cents += cents;      // without the line above, or a lock: a warning
 *     }
 *
 * clang follows calls of annotated functions on the very expression that names the lock. So each macro that takes, gives back
 * or needs a lock passes the program's own expression, once, through one of the functions below, which return it: no code
 * is left of them. gcc has no such analysis, and sees the expression alone.
 *
 * | seen, clang 14 to 19                                     | not seen                                             |
 * |----------------------------------------------------------|------------------------------------------------------|
 * | access to the value by `_value` without the lock         | access through a pointer that outlives the lock      |
 * | a lock that is taken twice, or with another one of its   | two names of one lock are two locks                  |
 * | type in place of it                                      |                                                      |
 * | a lock that is still held where the function returns     | giving back what is not held: it panics              |
 * | a call of a function that requires the lock              | guards, try_upgrade, and the tries of an             |
 * | with IM_THREAD_SAFETY: what the result of a try says     | im_reentrant: im_lock_assert_held(lock) tells clang  |
 * |                                                          | an im_reentrant that was given back: how often it is |
 * |                                                          | held is not known to clang                           |
 *
 * With `-DIM_THREAD_SAFETY=1` clang also knows that after a try in pair form, also one with a time limit, the lock is held where
 * the result is not NULL. It follows the results of function calls only, so these macros are such calls then: what they give
 * is a `void *`, and a variable of the right type has to be initialised with it. Without, `_value` after a try needs
 * im_lock_assert_held(lock).
 *
 * A block holds its lock from the first to the last brace, however it is left; in a try block, in the first part. A
 * function for which all this is not enough is exempted by IM_NO_THREAD_SAFETY_ANALYSIS.
 *
 * The raw locks (<intermut/raw_lock.h>, <intermut/raw_rwlock.h>) are followed without macros: each is a capability,
 * and its functions say that they take it, take it if they return true, or give it back. There clang also sees that
 * what is given back is not held, or is held in the other mode. It does not follow raw locks by: share and split,
 * after which one more unlock is due; upgrades, which only need the lock, and after which a write_unlock is taken
 * for one in the wrong mode; an im_raw_reentrant, which counts as held from a lock on, and whose tries say nothing;
 * the tables of functions (`NAME_ops`).
 */
#ifndef INTERMUT_LOCK_SAFETY_H
#define INTERMUT_LOCK_SAFETY_H

#include <intermut/lock_checked.h>
#include <intermut/thread_safety.h>

/** What clang calls a lock: every im_mutex, im_rwlock and im_reentrant, by its address. */
struct IM_CAPABILITY("lock") im_lock_capability {
    char im_unused;
};

/** The capability of the lock that `self` points to; for use in attributes. */
#define im_lock_capability(self) ((const struct im_lock_capability *)(const void *)(self))

/** Behind the parameters of a function: its caller holds the lock; or at least reads it. */
#define IM_REQUIRES_LOCK(self) IM_REQUIRES(*im_lock_capability(self))
#define IM_REQUIRES_LOCK_SHARED(self) IM_REQUIRES_SHARED(*im_lock_capability(self))
/** Its caller does not hold the lock. */
#define IM_EXCLUDES_LOCK(self) IM_EXCLUDES(*im_lock_capability(self))

/**
 * From here on clang takes the lock for held; checked code panics if this thread is not on record as its holder.
 * Shared, evaluated once.
 */
#define im_lock_assert_held(self) im__lock_assert_held(IM_LOCK_HELD(self), IM_PLACE(#self))

#ifndef IM_THREAD_SAFETY
#define IM_THREAD_SAFETY 0
#endif

/* A try in pair form: an expression of the right type; or, for clang to see, a call that gives a void *. */
#if defined(__clang__) && IM_THREAD_SAFETY
#define IM__LOCK_TRIES_ARE_SEEN 1
#define IM__LOCK_TRY(typed, seen) seen
#define IM__LOCK_OFFSET(self) __builtin_offsetof(__typeof__(*(self)), im_value)
#else
#define IM__LOCK_TRIES_ARE_SEEN 0
#define IM__LOCK_TRY(typed, seen) typed
#endif

/*
 * For the macros of locks. Each is `self` as a shared pointer, and evaluates it once.
 */

#if defined(__clang__)
#define IM__LOCK_NOTE(note, self) ((const __typeof__(*(self)) *)(const void *)note(im_lock_capability(self)))
#else
#define IM__LOCK_NOTE(note, self) ((const __typeof__(*(self)) *)(self))
#endif

/** 1. clang looks at the note, but nobody evaluates it: where the expression has been evaluated already, as in a block. */
#if defined(__clang__)
#define IM_LOCK_NOTED(note) ((void)__builtin_constant_p(note), 1)
#else
#define IM_LOCK_NOTED(note) 1
#endif

/** It is taken here, and given back by another macro. */
#define IM_LOCK_TAKEN(self) IM__LOCK_NOTE(im__lock_taken, self)
#define IM_LOCK_TAKEN_SHARED(self) IM__LOCK_NOTE(im__lock_taken_shared, self)
/** It is given back, in whatever mode. Nothing is said where clang did not see that it was taken: that may be by a try. */
#define IM_LOCK_GIVEN(self) IM__LOCK_NOTE(im__lock_given, self)
/** It is held from here on, and will be given back where clang does not look. */
#define IM_LOCK_HELD(self) IM__LOCK_NOTE(im__lock_held, self)
#define IM_LOCK_HELD_SHARED(self) IM__LOCK_NOTE(im__lock_held_shared, self)
/** Its holder goes from reading to writing, or the reverse. */
#define IM_LOCK_UPGRADED(self) IM__LOCK_NOTE(im__lock_upgraded, self)
#define IM_LOCK_DOWNGRADED(self) IM__LOCK_NOTE(im__lock_downgraded, self)
/** It must be held. */
#define IM_LOCK_NEEDED(self) IM__LOCK_NOTE(im_access_to_the_value, self)
#define IM_LOCK_NEEDED_SHARED(self) IM__LOCK_NOTE(im_reading_the_value, self)

#if defined(__clang__)
#define IM__LOCK_NOTE_AS(note, what)                                                           \
    static inline const struct im_lock_capability *note(const struct im_lock_capability *lock) \
        what IM_NO_THREAD_SAFETY_ANALYSIS                                                      \
    {                                                                                          \
        return lock;                                                                           \
    }
IM__LOCK_NOTE_AS(im__lock_taken, IM_ACQUIRE(*lock))
IM__LOCK_NOTE_AS(im__lock_taken_shared, IM_ACQUIRE_SHARED(*lock))
IM__LOCK_NOTE_AS(im__lock_given, IM_ASSERT_SHARED_CAPABILITY(*lock) IM_RELEASE_GENERIC(*lock))
IM__LOCK_NOTE_AS(im__lock_held, IM_ASSERT_CAPABILITY(*lock))
IM__LOCK_NOTE_AS(im__lock_held_shared, IM_ASSERT_SHARED_CAPABILITY(*lock))
/* What is given back goes first. */
IM__LOCK_NOTE_AS(im__lock_upgraded, IM_ASSERT_SHARED_CAPABILITY(*lock) IM_RELEASE_GENERIC(*lock) IM_ACQUIRE(*lock))
IM__LOCK_NOTE_AS(im__lock_downgraded,
                 IM_ASSERT_SHARED_CAPABILITY(*lock) IM_RELEASE_GENERIC(*lock) IM_ACQUIRE_SHARED(*lock))
/* Warnings name them. */
IM__LOCK_NOTE_AS(im_access_to_the_value, IM_REQUIRES(*lock))
IM__LOCK_NOTE_AS(im_reading_the_value, IM_REQUIRES_SHARED(*lock))
#endif

static inline void im__lock_assert_held(const void *lock, const struct im_place *place)
{
    if (IM_CHECKED)
        im_lock_checked_assert_mine(lock, place);
}

#endif
