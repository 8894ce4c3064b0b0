/* SPDX-License-Identifier: MIT */
/**
 * @file rwlock_core.h
 * What im_rwlock and im_sharded_rwlock do with the lock in them, at a place of the program. Knows nothing of the value.
 *
 * Programs use <intermut/rwlock.h>; this is what its macros and guards call. `is_sharded` is a constant in the calls of the
 * former, so the compiler calls the functions of the lock directly, or inlines them.
 */
#ifndef INTERMUT_RWLOCK_CORE_H
#define INTERMUT_RWLOCK_CORE_H

#include <intermut/lock_checked.h>
#include <intermut/raw_sharded_rwlock.h>

struct im_rwlock_use {
    const void *raw;
    const struct im_place *place;
    bool is_sharded; /**< which kind `raw` is of; a constant where it matters */
};

#define IM__RWLOCK_DO(lock, operation, ...)                                                                   \
    ((lock).is_sharded                                                                                        \
         ? im_raw_sharded_rwlock_##operation((const struct im_raw_sharded_rwlock *)(lock).raw, ##__VA_ARGS__) \
         : im_raw_rwlock_##operation((const struct im_raw_rwlock *)(lock).raw, ##__VA_ARGS__))

IM_BEGIN_DECLS

/** Panic: `operation` is not possible: `why`. */
IM_NORETURN IM_COLD void im_rwlock_refuse(const void *raw, const struct im_place *place, const char *operation,
                                          const char *why);

IM_END_DECLS

/* What a reader waits for in a lock that prefers readers is not a writer that waits. */
static inline enum im_lock_mode im__rwlock_checked_mode(struct im_rwlock_use lock, enum im_lock_mode mode)
{
    bool may_nest = mode == IM_LOCK_SHARED && IM__RWLOCK_DO(lock, policy) == IM_RWLOCK_READER_PREFERRING;
    return may_nest ? IM_LOCK_SHARED_RECURSIVE : mode;
}

/* Before waiting, in checked code. What is free is held by nobody, whatever the records say: plain code released it. */
static inline void im__rwlock_waiting(struct im_rwlock_use lock, enum im_lock_mode mode)
{
    if (!IM__RWLOCK_DO(lock, is_locked))
        im_lock_checked_seen_free(lock.raw);
    im_lock_checked_waiting(lock.raw, im__rwlock_checked_mode(lock, mode), lock.place);
}

/** Be in by `mode`, or not by `deadline_ns`. */
IM_INLINE bool im_rwlock_enter_until(struct im_rwlock_use lock, enum im_lock_mode mode,
                                     uint64_t deadline_ns) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_reached(lock.raw, lock.place);
    if (IM_CHECKED && deadline_ns == IM_SYNC_FOREVER)
        im__rwlock_waiting(lock, mode);
    bool is_in = mode == IM_LOCK_EXCLUSIVE    ? IM__RWLOCK_DO(lock, write_until, deadline_ns)
                 : mode == IM_LOCK_UPGRADABLE ? IM__RWLOCK_DO(lock, upgradable_until, deadline_ns)
                 : mode == IM_LOCK_SHARED     ? IM__RWLOCK_DO(lock, read_until, deadline_ns)
                                              : IM__RWLOCK_DO(lock, read_recursive_until, deadline_ns);
    if (IM_CHECKED && is_in)
        im_lock_checked_acquired(lock.raw, im__rwlock_checked_mode(lock, mode), deadline_ns != IM_SYNC_FOREVER,
                                 lock.place);
    return is_in;
}

/** Be in by `mode`. */
IM_INLINE bool im_rwlock_enter(struct im_rwlock_use lock, enum im_lock_mode mode, uint64_t forever)
{
    if (IM_UNLIKELY(!im_rwlock_enter_until(lock, mode, forever)))
        im_rwlock_refuse(lock.raw, lock.place, "read", "too many readers");
    return true;
}

/** Be in by `mode` if that is possible now. */
IM_INLINE bool im_rwlock_try_enter(struct im_rwlock_use lock, enum im_lock_mode mode,
                                   uint64_t unused) IM_NO_THREAD_SAFETY_ANALYSIS
{
    (void)unused;
    if (IM_CHECKED)
        im_checked_reached(lock.raw, lock.place);
    bool is_in = mode == IM_LOCK_EXCLUSIVE    ? IM__RWLOCK_DO(lock, try_write)
                 : mode == IM_LOCK_UPGRADABLE ? IM__RWLOCK_DO(lock, try_upgradable)
                 : mode == IM_LOCK_SHARED     ? IM__RWLOCK_DO(lock, try_read)
                                              : IM__RWLOCK_DO(lock, try_read_recursive);
    if (IM_CHECKED && is_in)
        im_lock_checked_acquired(lock.raw, im__rwlock_checked_mode(lock, mode), true, lock.place);
    return is_in;
}

/** Be in by `mode` no more. */
IM_INLINE void im_rwlock_leave(struct im_rwlock_use lock, enum im_lock_mode mode,
                               const char *operation) IM_NO_THREAD_SAFETY_ANALYSIS
{
    /* All parts of a writer but the last only count down. */
    if (IM_CHECKED && !(mode == IM_LOCK_EXCLUSIVE && IM__RWLOCK_DO(lock, is_split)))
        im_lock_checked_released(lock.raw, mode, lock.place);
    bool was_in = mode == IM_LOCK_EXCLUSIVE    ? IM__RWLOCK_DO(lock, write_unlock)
                  : mode == IM_LOCK_UPGRADABLE ? IM__RWLOCK_DO(lock, upgradable_unlock)
                                               : IM__RWLOCK_DO(lock, read_unlock);
    if (IM_UNLIKELY(!was_in))
        im_rwlock_refuse(lock.raw, lock.place, operation, "it is not held that way");
}

/** From `from` to `to`, which is less. */
IM_INLINE void im_rwlock_downgrade_by(struct im_rwlock_use lock, enum im_lock_mode from, enum im_lock_mode to,
                                      const char *operation) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_lock_checked_convert(lock.raw, from, to, lock.place);
    bool was_in = from == IM_LOCK_UPGRADABLE ? IM__RWLOCK_DO(lock, downgrade_upgradable)
                  : to == IM_LOCK_UPGRADABLE ? IM__RWLOCK_DO(lock, downgrade_to_upgradable)
                                             : IM__RWLOCK_DO(lock, downgrade);
    if (IM_UNLIKELY(!was_in))
        im_rwlock_refuse(lock.raw, lock.place, operation,
                         IM__RWLOCK_DO(lock, is_split) ? "its guard was split" : "it is not held that way");
}

IM_INLINE void im__rwlock_require_upgradable(struct im_rwlock_use lock, const char *operation)
{
    if (IM_CHECKED)
        im_checked_reached(lock.raw, lock.place);
    if (IM_UNLIKELY(!IM__RWLOCK_DO(lock, is_upgradable)))
        im_rwlock_refuse(lock.raw, lock.place, operation, "it is not held that way");
}

/** The upgradable reader becomes the writer, or not by `deadline_ns`. */
IM_INLINE bool im_rwlock_upgrade_by_deadline(struct im_rwlock_use lock, enum im_lock_mode mode,
                                             uint64_t deadline_ns) IM_NO_THREAD_SAFETY_ANALYSIS
{
    im__rwlock_require_upgradable(lock, "upgrade");
    if (IM_CHECKED && deadline_ns == IM_SYNC_FOREVER)
        im_lock_checked_upgrading(lock.raw, lock.place);
    bool is_in = IM__RWLOCK_DO(lock, upgrade_until, deadline_ns);
    if (IM_CHECKED && is_in)
        im_lock_checked_convert(lock.raw, IM_LOCK_UPGRADABLE, mode, lock.place);
    return is_in;
}

IM_INLINE void im_rwlock_upgrade_by(struct im_rwlock_use lock, enum im_lock_mode from, enum im_lock_mode to,
                                    const char *operation)
{
    (void)from, (void)operation;
    im_rwlock_upgrade_by_deadline(lock, to, IM_SYNC_FOREVER);
}

/** The same if that is possible now. */
IM_INLINE bool im_rwlock_try_upgrade_by(struct im_rwlock_use lock, enum im_lock_mode mode,
                                        uint64_t unused) IM_NO_THREAD_SAFETY_ANALYSIS
{
    (void)unused;
    im__rwlock_require_upgradable(lock, "try_upgrade");
    bool is_in = IM__RWLOCK_DO(lock, try_upgrade);
    if (IM_CHECKED && is_in)
        im_lock_checked_convert(lock.raw, IM_LOCK_UPGRADABLE, mode, lock.place);
    return is_in;
}

/** Around a fork(): the thread that forks is the writer, so that the child gets a value that nobody is changing. */
IM_INLINE void im_rwlock_fork_prepare_by(struct im_rwlock_use lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    IM__RWLOCK_DO(lock, write_until, IM_SYNC_FOREVER);
}

IM_INLINE void im_rwlock_fork_parent_by(struct im_rwlock_use lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    IM__RWLOCK_DO(lock, write_unlock);
}

IM_INLINE void im_rwlock_fork_child_by(struct im_rwlock_use lock)
{
    IM__RWLOCK_DO(lock, reset);
}

/** Panic unless nobody holds it. */
static inline void im_rwlock_require_free(struct im_rwlock_use lock, const char *operation)
{
    if (IM_UNLIKELY(IM__RWLOCK_DO(lock, is_locked)))
        im_rwlock_refuse(lock.raw, lock.place, operation, "somebody holds it");
}

/** Panic unless somebody holds it. */
IM_INLINE void im_rwlock_require_held(struct im_rwlock_use lock, const char *operation)
{
    if (IM_UNLIKELY(!IM__RWLOCK_DO(lock, is_locked)))
        im_rwlock_refuse(lock.raw, lock.place, operation, "nobody holds it");
    if (IM_CHECKED)
        im_lock_checked_assert_mine(lock.raw, lock.place);
}

IM_INLINE void im_rwlock_set_policy_of(void *raw, bool is_sharded, enum im_rwlock_policy policy)
{
    if (is_sharded)
        im_raw_sharded_rwlock_set_policy((struct im_raw_sharded_rwlock *)raw, policy);
    else
        im_raw_rwlock_set_policy((struct im_raw_rwlock *)raw, policy);
}

/** The lock ends. */
static inline void im_rwlock_end(struct im_rwlock_use lock, const char *operation)
{
    if (IM_CHECKED && im_raw_rwlock_is_locked(lock.raw))
        im_lock_checked_destroyed(lock.raw, lock.place);
    im_rwlock_require_free(lock, operation);
    if (IM_CHECKED)
        im_lock_checked_ended(lock.raw);
    im_lock_tools_destroyed(lock.raw);
}

/** The section of a block. Without a value, after a try_open: there is none. */
struct im_rwlock_block {
    struct im_rwlock_use lock;
    const void *value;
};

IM_INLINE struct im_rwlock_block im_rwlock_open(struct im_rwlock_use lock, enum im_lock_mode mode, const void *value)
{
    im_rwlock_enter(lock, mode, IM_SYNC_FOREVER);
    return (struct im_rwlock_block){lock, value};
}

IM_INLINE struct im_rwlock_block im_rwlock_try_open(struct im_rwlock_use lock, enum im_lock_mode mode,
                                                    const void *value)
{
    return (struct im_rwlock_block){lock, im_rwlock_try_enter(lock, mode, 0) ? value : NULL};
}

IM_INLINE void im_rwlock_close_read(struct im_rwlock_block *block)
{
    im_rwlock_leave(block->lock, IM_LOCK_SHARED, "read_unlock");
}

IM_INLINE void im_rwlock_close_write(struct im_rwlock_block *block)
{
    im_rwlock_leave(block->lock, IM_LOCK_EXCLUSIVE, "write_unlock");
}

IM_INLINE void im_rwlock_try_close_read(struct im_rwlock_block *block)
{
    if (block->value)
        im_rwlock_close_read(block);
}

IM_INLINE void im_rwlock_try_close_write(struct im_rwlock_block *block)
{
    if (block->value)
        im_rwlock_close_write(block);
}

#endif
