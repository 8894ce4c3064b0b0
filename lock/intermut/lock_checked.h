/* SPDX-License-Identifier: MIT */
/**
 * @file lock_checked.h
 * The checked build of locks: a wrong order of locks is reported at the first chance that it might hang, not when it does.
 *
 * Compile with `-DIM_CHECKED=1`. Every acquisition is recorded then, beside the locks, under their addresses. What is found:
 *
 * - a thread that waits for a lock which it holds itself; a thread that reads again what it reads, where a writer in between
 *   would stop both;
 * - an order of locks that runs in a circle, over any number of locks and threads, though nobody waits yet;
 * - a lock released by a thread that does not hold it, destroyed while held, or held by a thread that ends;
 * - a condition variable that is used with two locks at a time.
 *
 * The report is a panic with every place that takes part in it:
 *
 *     intermut: cannot lock `bob.money` (A) while `alice.money` (B) is held: the order was A before B
 *       here:    bank.c:31 in pay()      thread 4711
 *       B held:  bank.c:30 in pay()      thread 4711
 *       A held:  bank.c:52 in refund()   thread 4712
 *       then B:  bank.c:53 in refund()   thread 4712
 *
 * An order is remembered between classes of locks. Each lock is a class of its own, so there are no false alarms among locks
 * that only look alike. Locks of which there are many, and which are told apart by what they are for, get a class with a
 * name; then what one of them does speaks for all, and no two of them may be held at a time, but at different levels:
 *
 *     im_lock_set_class(&parent->lock, im_lock_class("folder"), 0);
 *     im_lock_set_class(&child->lock, im_lock_class("folder"), 1);
 *
 * Shared locks: two reads do not wait for each other, but a read may wait for a writer that waits for a read. So a circle
 * through reads counts, unless at some lock of it the held one is a read and the waiting one is a recursive read, which
 * waits for no writer that waits. A try never waits, nor does a timed attempt, not for ever at least: they put a lock behind
 * no other one, but what is locked while they hold it comes behind it.
 *
 * The functions are there in each build. In a plain one nothing calls them, and the macros do nothing. Checked and plain
 * objects link into one program. What plain code locks is not known, and may be released by checked code; what it releases
 * is noticed when the lock is used again. Only this can deceive: a lock that one thread took in checked code and gave back
 * in plain code, and another one took in plain code and gives back in checked code; and for readers, the latter alone.
 *
 * Concurrency: any thread; one lock. Not for signal handlers. Where memory is short, less is recorded, and less is found.
 * A lock that ends without being destroyed leaves its order to the next one at its address: see im_lock_forget().
 * Source: I. Molnar, A. van de Ven, lockdep (Linux, 2006); B. Feng, its recursive reads (2020).
 */
#ifndef INTERMUT_LOCK_CHECKED_H
#define INTERMUT_LOCK_CHECKED_H

#include <stdint.h>

#include <intermut/checked.h>

/** How a lock is held. */
enum im_lock_mode {
    IM_LOCK_EXCLUSIVE,
    IM_LOCK_SHARED,           /**< one of many readers; waits also for writers that wait */
    IM_LOCK_SHARED_RECURSIVE, /**< one of many readers; waits for nobody but a writer that has the lock */
    IM_LOCK_UPGRADABLE,       /**< a reader beside others, but the only one of this mode */
    IM_LOCK_REENTRANT,        /**< exclusive, and its holder may lock it again */
};

/** A lock that is held. */
struct im_lock_hold {
    const struct im_place *place; /**< where it was locked */
    long thread;                  /**< the kernel's number of the thread that did */
    enum im_lock_mode mode;
};

/** What happened to a lock since it was first seen. */
struct im_lock_stats {
    uint64_t acquired;                   /**< how often it was locked, in whatever mode */
    uint64_t contended;                  /**< how often somebody was in the way of it */
    uint64_t wait_ns, longest_wait_ns;   /**< waiting for it: in all, and at most */
    uint64_t hold_ns, longest_hold_ns;   /**< holding it; readers side by side count each */
    const struct im_place *longest_wait; /**< where that was; NULL before the first one */
    const struct im_place *longest_hold;
};

/** Locks with one place in the order of locks. */
struct im_lock_class;

IM_BEGIN_DECLS

/**
 * The class of this name: the same one for the same name, in the whole program. Two locks of one class and level are not
 * held at a time. NULL when there is no memory.
 */
const struct im_lock_class *im_lock_class(const char *name);

/** The same, but locks of one level may be held together if they were locked by ascending address. */
const struct im_lock_class *im_lock_class_by_address(const char *name);

/**
 * The lock belongs to a class, at some level of it, until it is destroyed: `int im_lock_set_class(lock, class, level)`.
 * Levels are ordered by use, as classes are. NULL makes it a class of its own again. Returns 0 or ENOMEM.
 */
#define im_lock_set_class(lock, class, level) (IM_CHECKED ? im__lock_set_class(lock, class, level) : 0)

/**
 * The next time that this thread locks `lock`, it does so at another level of its class: for locks whose place in the order
 * depends on who takes them. `im_lock_at_level(&child->lock, 1), im_mutex_lock(&child->lock)`.
 */
#define im_lock_at_level(lock, level) (IM_CHECKED ? im__lock_at_level(lock, level) : (void)0)

/**
 * The memory is about to become something else, with whatever locks are in it. Only for locks that end without being
 * destroyed; otherwise a lock that comes to the same address inherits their order. Panics when one is held.
 */
#define im_lock_forget(memory, bytes) (IM_CHECKED ? im__lock_forget(memory, bytes, IM_PLACE(#memory)) : (void)0)

/**
 * So many bytes, with whatever locks are in them, have been moved: the locks keep their order, class and figures. Where they
 * were may become something else. The two places do not overlap. For who moves locks by their bytes, as tables do; a lock that
 * is held is none that may be moved, and stays on record where it was. Cost: a look at a hash table for each byte.
 */
#define im_lock_moved(from, to, bytes) (IM_CHECKED ? im__lock_moved(from, to, bytes) : (void)0)

/**
 * Who is told of what is only a danger yet: a wrong order, a repeated read, a thread that ends with a lock. If the handler
 * returns, the program goes on, and the same finding is not made again: `im_lock_set_handler(im_panic_print)` only warns.
 * NULL, the default: the panic handler.
 * Returns the handler before this one. Any thread may call this at any time.
 */
im_panic_handler *im_lock_set_handler(im_panic_handler *handler);

/** Who holds the lock: up to `capacity` of them are written to `list`, the first ones first. Returns how many there are. */
size_t im_lock_holders(const void *lock, struct im_lock_hold *list, size_t capacity);

/** 0, with the figures of the lock in *stats, or ENOENT when it was never seen. */
int im_lock_stats(const void *lock, struct im_lock_stats *stats);

/**
 * Write to standard error which thread holds which locks and waits for which one, and the figures of each lock. For a
 * debugger, too: `call im_lock_dump()`. Allocates nothing; where other threads stand still, it does not wait for them.
 */
void im_lock_dump(void);

int im__lock_set_class(const void *lock, const struct im_lock_class *of, unsigned level);
void im__lock_at_level(const void *lock, unsigned level);
void im__lock_forget(const void *memory, size_t bytes, const struct im_place *place);
void im__lock_moved(const void *from, const void *to, size_t bytes);

/*
 * For the types that are checked. `lock` is the address that programs know, that of the whole object; `place` may be NULL.
 * A place is static; the calls stand
 *
 *     waiting    before an acquisition that may wait for ever
 *     acquired   after any acquisition
 *     released   before the release: after it the lock may be held by another thread, or be gone
 */

/** Panics when this thread holds the lock, or when waiting for it closes a circle. */
void im_lock_checked_waiting(const void *lock, enum im_lock_mode mode, const struct im_place *place);

/** `tried`: it would not have waited for ever, a timed attempt included; waiting() was not called. */
void im_lock_checked_acquired(const void *lock, enum im_lock_mode mode, bool tried, const struct im_place *place);

/** Panics when other threads hold the lock, and this one does not. */
void im_lock_checked_released(const void *lock, enum im_lock_mode mode, const struct im_place *place);

/** The lock ends, or begins: panics when it is held, and forgets its order, class and figures. */
void im_lock_checked_destroyed(const void *lock, const struct im_place *place);

/** The same for a lock that is free, as it can tell: what is on record as a hold of it was ended by plain code. */
void im_lock_checked_ended(const void *lock);

/** This thread is about to wait until it is alone with a lock that it holds as upgradable; convert() comes afterwards. */
void im_lock_checked_upgrading(const void *lock, const struct im_place *place);

/** The way this thread holds the lock changes: before a downgrade, after an upgrade. */
void im_lock_checked_convert(const void *lock, enum im_lock_mode from, enum im_lock_mode to,
                             const struct im_place *place);

/** The lock stays held, but by nobody: any thread may release it, and this one may end. */
void im_lock_checked_leaked(const void *lock, enum im_lock_mode mode, const struct im_place *place);

/**
 * The lock has just been free: if this thread is on record as its holder, then plain code has released it. For locks that
 * can look cheaply, before waiting().
 */
void im_lock_checked_seen_free(const void *lock);

/** Whether this thread is on record as a holder of the lock, in whatever mode. */
bool im_lock_checked_is_mine(const void *lock);

/** Panics unless it is, or plain code uses the lock, too. */
void im_lock_checked_assert_mine(const void *lock, const struct im_place *place);

/** A thread is about to wait on a condition variable: panics when others wait on it with another lock. */
void im_lock_checked_condvar_wait(const void *condvar, const void *lock, const struct im_place *place);

/** It does not wait any more. */
void im_lock_checked_condvar_woken(const void *condvar);

IM_END_DECLS

#endif
