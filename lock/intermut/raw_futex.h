/* SPDX-License-Identifier: MIT */
/**
 * @file raw_futex.h
 * The default lock of im_mutex(T): four bytes, taken and given back by one instruction each while nobody waits.
 *
 * A raw lock (<intermut/raw_lock.h>); the waiting is in raw_futex.c, with the essay that says why it is right.
 *
 * ## The word
 *
 * | bits  | name      | meaning                                                                                   |
 * |-------|-----------|-------------------------------------------------------------------------------------------|
 * | 0–7   | OWNERS    | 0 is unlocked. 1 is the usual owner; more are the parts of a guard that was split         |
 * | 8     | PARKED    | threads may be asleep: who unlocks wakes one                                              |
 * | 9     | HANDED    | unlocked for a thread that has slept: nobody else may take it                             |
 * | 10–31 | IMPATIENT | how many threads have waited too long: until they are served, who has slept goes first    |
 *
 * Threads of one process. Cost: two locked instructions for a section that nobody else wants.
 * Fairness: eventual. A thread that has slept and still waits after IM_FUTEX_PATIENCE_NS closes the lock to newcomers:
 * those who sleep get it in the order in which they went to sleep, until it has been served.
 */
#ifndef INTERMUT_RAW_FUTEX_H
#define INTERMUT_RAW_FUTEX_H

#include <intermut/lock_tools.h>
#include <intermut/raw_lock.h>

/** Zeroed is unlocked. */
struct IM_CAPABILITY("lock") im_raw_futex {
    uint32_t word;
};

#define IM__FUTEX_OWNER UINT32_C(0x1)
#define IM__FUTEX_OWNERS UINT32_C(0xff)
#define IM__FUTEX_PARKED UINT32_C(0x100)
#define IM__FUTEX_HANDED UINT32_C(0x200)
#define IM__FUTEX_IMPATIENT UINT32_C(0x400)

IM_BEGIN_DECLS

/** Wait for the lock until `deadline_ns`; true: taken. */
IM_COLD bool im_raw_futex_wait(const struct im_raw_futex *self, uint64_t deadline_ns);

/** The same for a thread that has slept, maybe on the word: it carries on what an unlock, or who moved it there, began. */
IM_COLD void im_raw_futex_wait_moved(const struct im_raw_futex *self);

/** Take it if it is free for newcomers. */
IM_COLD bool im_raw_futex_barge(const struct im_raw_futex *self);

/** Unlock what has waiters or parts, or is not locked: false. */
IM_COLD bool im_raw_futex_release(const struct im_raw_futex *self);

/** The same, and hand it to a sleeper if there is one. */
IM_COLD bool im_raw_futex_release_fair(const struct im_raw_futex *self);

IM_END_DECLS

static inline uint32_t *im__raw_futex_word(const struct im_raw_futex *self)
{
    return (uint32_t *)im_unsafe_unconst(&self->word);
}

/* From free and without waiters to taken. Acquire: meets the release in im_raw_futex_unlock() and its cold forms. */
IM_INLINE bool im__raw_futex_take(const struct im_raw_futex *self)
{
    uint32_t seen = 0;
    return im_sync_compare_exchange(im__raw_futex_word(self), &seen, IM__FUTEX_OWNER, memory_order_acquire,
                                    memory_order_relaxed);
}

/* And back. Release: for the acquires of whoever takes it. */
IM_INLINE bool im__raw_futex_give(const struct im_raw_futex *self)
{
    uint32_t seen = IM__FUTEX_OWNER;
    return im_sync_compare_exchange(im__raw_futex_word(self), &seen, 0, memory_order_release, memory_order_relaxed);
}

IM_INLINE void im_raw_futex_lock(const struct im_raw_futex *self) IM_RAW_TAKES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE);
    if (IM_UNLIKELY(!im__raw_futex_take(self)))
        im_raw_futex_wait(self, IM_SYNC_FOREVER);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE, true);
}

IM_MUST_CHECK IM_INLINE bool im_raw_futex_try_lock(const struct im_raw_futex *self) IM_RAW_TRIES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_TRY);
    bool taken = true;
    if (IM_UNLIKELY(!im__raw_futex_take(self)))
        taken = im_raw_futex_barge(self);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_TRY, taken);
    return taken;
}

IM_MUST_CHECK static inline bool im_raw_futex_lock_until(const struct im_raw_futex *self,
                                                         uint64_t deadline_ns) IM_RAW_TRIES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_TRY);
    bool taken = true;
    if (IM_UNLIKELY(!im__raw_futex_take(self)))
        taken = im_raw_futex_wait(self, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_TRY, taken);
    return taken;
}

IM_INLINE bool im_raw_futex_unlock(const struct im_raw_futex *self) IM_RAW_GIVES
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_WRITE);
    bool was_locked = true;
    if (IM_UNLIKELY(!im__raw_futex_give(self)))
        was_locked = im_raw_futex_release(self);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_WRITE);
    return was_locked;
}

/** The lock has to live until this returns: nobody who takes it may free it meanwhile. */
static inline bool im_raw_futex_unlock_fair(const struct im_raw_futex *self) IM_RAW_GIVES
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_WRITE);
    bool was_locked = true;
    if (IM_UNLIKELY(!im__raw_futex_give(self)))
        was_locked = im_raw_futex_release_fair(self);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_WRITE);
    return was_locked;
}

static inline bool im_raw_futex_is_locked(const struct im_raw_futex *self)
{
    return im_sync_load(&self->word, memory_order_relaxed) & IM__FUTEX_OWNERS;
}

static inline bool im_raw_futex_is_contended(const struct im_raw_futex *self)
{
    return im_sync_load(&self->word, memory_order_relaxed) & ~IM__FUTEX_OWNERS;
}

/** For its holder: one more unlock is needed. False: there are 255 already. */
static inline bool im_raw_futex_share(const struct im_raw_futex *self) IM_REQUIRES(*self)
{
    /* Only the holder changes the owners of a lock that is held, so the look is still true at the addition. */
    if ((im_sync_load(&self->word, memory_order_relaxed) & IM__FUTEX_OWNERS) == IM__FUTEX_OWNERS)
        return false;
    im_lock_tools_lock_again(self);
    im_sync_fetch_add(im__raw_futex_word(self), IM__FUTEX_OWNER, memory_order_relaxed);
    return true;
}

/** For its holder: whether the next unlock is not the last one. */
static inline bool im_raw_futex_is_shared(const struct im_raw_futex *self) IM_REQUIRES(*self)
{
    return (im_sync_load(&self->word, memory_order_relaxed) & IM__FUTEX_OWNERS) > IM__FUTEX_OWNER;
}

static inline bool im__raw_futex_share(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im_raw_futex_share((const struct im_raw_futex *)lock);
}

static inline bool im__raw_futex_is_shared(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im_raw_futex_is_shared((const struct im_raw_futex *)lock);
}

static inline void im__raw_futex_reset(const void *lock)
{
    im_lock_tools_unlocking(lock, IM_LOCK_TOOLS_WRITE);
    im_sync_store(im__raw_futex_word((const struct im_raw_futex *)lock), 0, memory_order_relaxed);
    im_lock_tools_unlocked(lock, IM_LOCK_TOOLS_WRITE);
}

/* No quick try: it is taken with PARKED set. */
static inline void im__raw_futex_lock_moved(const void *lock)
{
    im_lock_tools_locking(lock, IM_LOCK_TOOLS_WRITE);
    im_raw_futex_wait_moved((const struct im_raw_futex *)lock);
    im_lock_tools_locked(lock, IM_LOCK_TOOLS_WRITE, true);
}

IM_RAW_LOCK(im_raw_futex, .reset = im__raw_futex_reset, .share = im__raw_futex_share,
            .is_shared = im__raw_futex_is_shared, .lock_moved = im__raw_futex_lock_moved);

#endif
