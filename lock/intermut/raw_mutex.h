/* SPDX-License-Identifier: MIT */
/**
 * @file raw_mutex.h
 * What im_mutex does with the raw lock in it, whichever that is. Knows nothing of the value.
 *
 * Programs use <intermut/mutex.h>; this is what its macros call, and what may be called from C++. `ops` is a constant in all
 * of these calls, so the compiler calls the functions of the lock directly, or inlines them.
 */
#ifndef INTERMUT_RAW_MUTEX_H
#define INTERMUT_RAW_MUTEX_H

#include <intermut/lock_checked.h>
#include <intermut/lock_tools.h>
#include <intermut/raw_guard.h>
#include <intermut/raw_lock.h>

IM_BEGIN_DECLS

/** Panic: `operation` on a lock for which `obstacle` is true. */
IM_NORETURN IM_COLD void im_lock_refuse(const char *operation, const char *obstacle, const struct im_place *place);

/** Give back the lock that was just taken, and panic: it is poisoned. */
IM_NORETURN IM_COLD void im_raw_mutex_refuse_poisoned(const void *lock, const struct im_raw_lock_ops *ops,
                                                      const char *operation, const struct im_place *place);

/** Panic unless two locks that are taken together, of so many bytes with their values, do not overlap. */
void im_raw_mutex_check_pair(const void *one, size_t bytes_one, const void *two, size_t bytes_two,
                             const struct im_place *place_one, const struct im_place *place_two);

IM_END_DECLS

static inline bool im_raw_mutex_is_poisoned(const void *lock, const struct im_raw_lock_ops *ops)
{
    return ops->poisoned && ops->poisoned(lock);
}

/* What was just taken without waiting, or with a deadline, is kept, unless it is poisoned. */
IM_INLINE bool im__raw_mutex_keep(const void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    if (IM_UNLIKELY(im_raw_mutex_is_poisoned(lock, ops))) {
        ops->unlock(lock);
        return false;
    }
    if (IM_CHECKED)
        im_lock_checked_acquired(lock, IM_LOCK_EXCLUSIVE, true, place);
    return true;
}

/* Before waiting, in checked code. What is free is held by nobody, whatever the records say: plain code released it. */
static inline void im__raw_mutex_waiting(const void *lock, const struct im_raw_lock_ops *ops,
                                         const struct im_place *place)
{
    if (!ops->is_locked(lock))
        im_lock_checked_seen_free(lock);
    im_lock_checked_waiting(lock, IM_LOCK_EXCLUSIVE, place);
}

/** Take it, poisoned or not. */
IM_INLINE void im_raw_mutex_lock_anyway(const void *lock, const struct im_raw_lock_ops *ops,
                                        const struct im_place *place)
{
    if (IM_CHECKED)
        im__raw_mutex_waiting(lock, ops, place);
    ops->lock(lock);
    if (IM_CHECKED)
        im_lock_checked_acquired(lock, IM_LOCK_EXCLUSIVE, false, place);
}

IM_INLINE void im_raw_mutex_lock(const void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    if (IM_CHECKED)
        im__raw_mutex_waiting(lock, ops, place);
    ops->lock(lock);
    if (IM_UNLIKELY(im_raw_mutex_is_poisoned(lock, ops)))
        im_raw_mutex_refuse_poisoned(lock, ops, "lock", place);
    if (IM_CHECKED)
        im_lock_checked_acquired(lock, IM_LOCK_EXCLUSIVE, false, place);
}

IM_INLINE bool im_raw_mutex_try_lock(const void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_reached(lock, place);
    return ops->try_lock(lock) && im__raw_mutex_keep(lock, ops, place);
}

IM_INLINE bool im_raw_mutex_lock_until(const void *lock, const struct im_raw_lock_ops *ops, uint64_t deadline_ns,
                                       const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_reached(lock, place);
    return ops->lock_until(lock, deadline_ns) && im__raw_mutex_keep(lock, ops, place);
}

/* The clock is asked only when it has to wait. */
IM_INLINE bool im_raw_mutex_lock_for(const void *lock, const struct im_raw_lock_ops *ops, uint64_t duration_ns,
                                     const struct im_place *place)
{
    if (IM_CHECKED)
        im_checked_reached(lock, place);
    return (ops->try_lock(lock) || ops->lock_until(lock, im_lock_deadline(duration_ns))) &&
           im__raw_mutex_keep(lock, ops, place);
}

/* Before an unlock; all parts of a split guard but the last only count down. */
IM_INLINE void im__raw_mutex_released(const void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    if (IM_CHECKED && !(ops->is_shared && ops->is_shared(lock)))
        im_lock_checked_released(lock, IM_LOCK_EXCLUSIVE, place);
}

IM_INLINE void im_raw_mutex_unlock(const void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    im__raw_mutex_released(lock, ops, place);
    if (IM_UNLIKELY(!ops->unlock(lock)))
        im_lock_refuse("unlock", "it is not locked", place);
}

IM_INLINE void im_raw_mutex_unlock_fair(const void *lock, const struct im_raw_lock_ops *ops,
                                        const struct im_place *place)
{
    im__raw_mutex_released(lock, ops, place);
    if (IM_UNLIKELY(!ops->unlock_fair(lock)))
        im_lock_refuse("unlock_fair", "it is not locked", place);
}

/** Let somebody else have it for a while if somebody waits. */
IM_INLINE void im_raw_mutex_bump(const void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    if (IM_UNLIKELY(!ops->is_locked(lock)))
        im_lock_refuse("bump", "it is not locked", place);
    if (IM_LIKELY(!ops->is_contended(lock)))
        return;
    im_raw_mutex_unlock_fair(lock, ops, place);
    im_raw_mutex_lock_anyway(lock, ops, place);
}

/** For its holder. */
static inline void im_raw_mutex_poison(const void *lock, const struct im_raw_lock_ops *ops,
                                       const struct im_place *place)
{
    if (IM_UNLIKELY(!ops->is_locked(lock)))
        im_lock_refuse("poison", "it is not locked", place);
    ops->set_poisoned(lock, place);
}

static inline void im_raw_mutex_require_unlocked(const void *lock, const struct im_raw_lock_ops *ops,
                                                 const char *operation, const struct im_place *place)
{
    if (IM_UNLIKELY(ops->is_locked(lock)))
        im_lock_refuse(operation, "it is locked", place);
}

/** For its holder. */
IM_INLINE void im_raw_mutex_require_locked(const void *lock, const struct im_raw_lock_ops *ops,
                                           const struct im_place *place)
{
    if (IM_UNLIKELY(!ops->is_locked(lock)))
        im_lock_refuse("use the value of", "it is not locked", place);
    if (IM_CHECKED)
        im_lock_checked_assert_mine(lock, place);
}

/** The end of an unlocked lock; a lock that owns something tells the tools by itself. */
static inline void im_raw_mutex_end(const void *lock, const struct im_raw_lock_ops *ops, const char *operation,
                                    const struct im_place *place)
{
    im_raw_mutex_require_unlocked(lock, ops, operation, place);
    if (IM_CHECKED)
        im_lock_checked_ended(lock);
    if (!ops->destroy)
        im_lock_tools_destroyed(lock);
}

static inline void im_raw_mutex_destroy(void *lock, const struct im_raw_lock_ops *ops, const struct im_place *place)
{
    if (IM_CHECKED && ops->is_locked(lock))
        im_lock_checked_destroyed(lock, place);
    im_raw_mutex_end(lock, ops, "destroy", place);
    if (ops->destroy)
        ops->destroy(lock);
}

/** Around a fork(): the thread that forks holds the lock, so that the child gets a value that nobody is changing. */
static inline void im_raw_mutex_fork_prepare(const void *lock, const struct im_raw_lock_ops *ops,
                                             const struct im_place *place)
{
    (void)place;
    ops->lock(lock);
}

static inline void im_raw_mutex_fork_parent(const void *lock, const struct im_raw_lock_ops *ops,
                                            const struct im_place *place)
{
    (void)place;
    ops->unlock(lock);
}

static inline void im_raw_mutex_fork_child(const void *lock, const struct im_raw_lock_ops *ops,
                                           const struct im_place *place)
{
    (void)place;
    ops->reset(lock);
}

/** The hold of a block. Without a lock, after a try: there is none. */
struct im_raw_mutex_block {
    const void *lock;
    const struct im_raw_lock_ops *ops;
    const void *value; /* for the block's pointer; NULL without a lock */
    const struct im_place *place;
    bool is_done; /* its end was reached */
};

IM_INLINE struct im_raw_mutex_block im_raw_mutex_open(const void *lock, const struct im_raw_lock_ops *ops,
                                                      const void *value, const struct im_place *place)
{
    im_raw_mutex_lock(lock, ops, place);
    return (struct im_raw_mutex_block){lock, ops, value, place, false};
}

/** The hold of a try that said yes or no. */
IM_INLINE struct im_raw_mutex_block im_raw_mutex_opened(bool is_taken, const void *lock,
                                                        const struct im_raw_lock_ops *ops, const void *value,
                                                        const struct im_place *place)
{
    return (struct im_raw_mutex_block){is_taken ? lock : NULL, ops, is_taken ? value : NULL, place, false};
}

IM_INLINE void im_raw_mutex_close(struct im_raw_mutex_block *block)
{
    if (block->ops->is_poisoned_by_early_ends && !block->is_done)
        block->ops->set_poisoned(block->lock, block->place);
    im_raw_mutex_unlock(block->lock, block->ops, block->place);
}

IM_INLINE void im_raw_mutex_try_close(struct im_raw_mutex_block *block)
{
    if (block->lock)
        im_raw_mutex_close(block);
}

/** The step of a block's loop, which runs at its end and at `continue`, but not when it is left early. */
IM_INLINE void *im_raw_mutex_finish(struct im_raw_mutex_block *block)
{
    block->is_done = true;
    return NULL;
}

/** The reverse: a block without the lock. */
IM_INLINE struct im_raw_mutex_block im_raw_mutex_open_unlocked(const void *lock, const struct im_raw_lock_ops *ops,
                                                               const struct im_place *place)
{
    im_raw_mutex_unlock(lock, ops, place);
    return (struct im_raw_mutex_block){lock, ops, NULL, place, false};
}

IM_INLINE void im_raw_mutex_close_unlocked(struct im_raw_mutex_block *block)
{
    im_raw_mutex_lock_anyway(block->lock, block->ops, block->place);
}

/** The hold of two locks, as two blocks, in the order in which the program wrote them. */
struct im_raw_mutex_pair {
    struct im_raw_mutex_block block_one, block_two;
};

/** Take the one with the lower address first: so threads that want the same two never wait for each other. */
IM_INLINE struct im_raw_mutex_pair im_raw_mutex_open_pair(struct im_raw_mutex_block one, size_t bytes_one,
                                                          struct im_raw_mutex_block two, size_t bytes_two)
{
    im_raw_mutex_check_pair(one.lock, bytes_one, two.lock, bytes_two, one.place, two.place);
    const struct im_raw_mutex_pair pair = {one, two};
    if ((uintptr_t)one.lock < (uintptr_t)two.lock) {
        im_raw_mutex_lock(one.lock, one.ops, one.place);
        im_raw_mutex_lock(two.lock, two.ops, two.place);
    } else {
        im_raw_mutex_lock(two.lock, two.ops, two.place);
        im_raw_mutex_lock(one.lock, one.ops, one.place);
    }
    return pair;
}

IM_INLINE void im_raw_mutex_close_pair(struct im_raw_mutex_pair *pair)
{
    im_raw_mutex_close(&pair->block_two);
    im_raw_mutex_close(&pair->block_one);
}

IM_INLINE void *im_raw_mutex_finish_pair(struct im_raw_mutex_pair *pair)
{
    im_raw_mutex_finish(&pair->block_one);
    return im_raw_mutex_finish(&pair->block_two);
}

/** The hold of a guard (<intermut/raw_guard.h>). */
struct im_raw_mutex_guard {
    const void *lock;
    const struct im_raw_lock_ops *ops;
};

IM_BEGIN_DECLS

/** Give each part a hold; the lock is unlocked with the last of them. Panics when parts overlap. */
void im_raw_mutex_guard_split(struct im_raw_mutex_guard *whole, const struct im_raw_guard_part *parts, size_t count,
                              const struct im_place *place);

IM_END_DECLS

static inline void im_raw_mutex_guard_leak(struct im_raw_mutex_guard *guard, const struct im_place *place)
{
    im_raw_guard_require(guard, "leak", place);
    if (IM_CHECKED)
        im_lock_checked_leaked(guard->lock, IM_LOCK_EXCLUSIVE, place);
    guard->lock = NULL;
}

static inline void im_raw_mutex_guard_release(struct im_raw_mutex_guard *guard, const struct im_place *place)
{
    im_raw_guard_require(guard, "release", place);
    const struct im_raw_mutex_guard ended = *guard;
    guard->lock = NULL;
    im_raw_mutex_unlock(ended.lock, ended.ops, place);
}

static inline void im_raw_mutex_guard_release_fair(struct im_raw_mutex_guard *guard, const struct im_place *place)
{
    im_raw_guard_require(guard, "release_fair", place);
    const struct im_raw_mutex_guard ended = *guard;
    guard->lock = NULL;
    im_raw_mutex_unlock_fair(ended.lock, ended.ops, place);
}

/** At the end of the scope of a guard, which begins with its struct im_raw_mutex_guard: it may be empty by then. */
static inline void im_raw_mutex_guard_leave(void *guard)
{
    struct im_raw_mutex_guard *raw = (struct im_raw_mutex_guard *)guard;
    if (raw->lock)
        im_raw_mutex_guard_release(raw, im__raw_guard_end_of_scope());
}

/** A block without the lock of a guard. */
struct im_raw_mutex_guard_unlocked {
    struct im_raw_mutex_guard *guard, held;
    const struct im_place *place;
};

IM_INLINE struct im_raw_mutex_guard_unlocked im_raw_mutex_guard_open_unlocked(struct im_raw_mutex_guard *guard,
                                                                              const struct im_place *place)
{
    const struct im_raw_mutex_guard_unlocked block = {guard, *guard, place};
    if (guard->lock && guard->ops->is_shared && guard->ops->is_shared(guard->lock))
        im_lock_refuse("unlock", "it is a part of a guard that was split", place);
    im_raw_mutex_guard_release(guard, place);
    return block;
}

IM_INLINE void im_raw_mutex_guard_close_unlocked(struct im_raw_mutex_guard_unlocked *block)
{
    im_raw_mutex_lock_anyway(block->held.lock, block->held.ops, block->place);
    *block->guard = block->held;
}

#endif
