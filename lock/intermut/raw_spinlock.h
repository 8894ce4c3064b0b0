/* SPDX-License-Identifier: MIT */
/**
 * @file raw_spinlock.h
 * A lock of one byte that never sleeps: for sections of some instructions, and threads that keep their cores.
 *
 * A raw lock (<intermut/raw_lock.h>): `im_mutex_of(im_raw_spinlock, T)`. Who waits spins ever longer, then yields the core.
 * No order among waiters: one may be overtaken for ever. Unlocking is a plain store on x86-64.
 * Source: T. E. Anderson, "The performance of spin lock alternatives", IEEE TPDS 1990 (test and test-and-set).
 */
#ifndef INTERMUT_RAW_SPINLOCK_H
#define INTERMUT_RAW_SPINLOCK_H

#include <intermut/lock_tools.h>
#include <intermut/raw_lock.h>

/** Zeroed is unlocked. */
struct IM_CAPABILITY("lock") im_raw_spinlock {
    uint8_t held;
};

IM_BEGIN_DECLS

/** Spin until it is taken or `deadline_ns` has come; true: taken. */
IM_COLD bool im_raw_spinlock_spin(const struct im_raw_spinlock *self, uint64_t deadline_ns);

IM_END_DECLS

/* Acquire: meets the release in im_raw_spinlock_unlock(). */
IM_INLINE bool im__raw_spinlock_take(const struct im_raw_spinlock *self)
{
    return !im_sync_exchange((uint8_t *)im_unsafe_unconst(&self->held), 1, memory_order_acquire);
}

static inline bool im_raw_spinlock_is_locked(const struct im_raw_spinlock *self)
{
    return im_sync_load(&self->held, memory_order_relaxed);
}

static inline bool im_raw_spinlock_is_contended(const struct im_raw_spinlock *self)
{
    (void)self;
    return true; /* nobody registers: who asks has to expect it */
}

IM_INLINE void im_raw_spinlock_lock(const struct im_raw_spinlock *self) IM_RAW_TAKES
{
    im_lock_tools_are_atomics(self, sizeof *self);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE);
    if (IM_UNLIKELY(!im__raw_spinlock_take(self)))
        im_raw_spinlock_spin(self, IM_SYNC_FOREVER);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE, true);
}

IM_MUST_CHECK IM_INLINE bool im_raw_spinlock_try_lock(const struct im_raw_spinlock *self) IM_RAW_TRIES
{
    im_lock_tools_are_atomics(self, sizeof *self);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_TRY);
    /* The look first leaves the line with its holder. */
    bool taken = !im_raw_spinlock_is_locked(self) && im__raw_spinlock_take(self);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_TRY, taken);
    return taken;
}

IM_MUST_CHECK static inline bool im_raw_spinlock_lock_until(const struct im_raw_spinlock *self,
                                                            uint64_t deadline_ns) IM_RAW_TRIES
{
    im_lock_tools_are_atomics(self, sizeof *self);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_TRY);
    bool taken = IM_LIKELY(im__raw_spinlock_take(self)) || im_raw_spinlock_spin(self, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_TRY, taken);
    return taken;
}

IM_INLINE bool im_raw_spinlock_unlock(const struct im_raw_spinlock *self) IM_RAW_GIVES
{
    if (IM_UNLIKELY(!im_raw_spinlock_is_locked(self)))
        return false;
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_WRITE);
    /* Release: for the acquire in im__raw_spinlock_take(). */
    im_sync_store((uint8_t *)im_unsafe_unconst(&self->held), 0, memory_order_release);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_WRITE);
    return true;
}

/** Yields the core after it, which is all that it can do for others. */
static inline bool im_raw_spinlock_unlock_fair(const struct im_raw_spinlock *self) IM_RAW_GIVES
{
    bool was_locked = im_raw_spinlock_unlock(self);
    im_sync_yield();
    return was_locked;
}

static inline void im__raw_spinlock_reset(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    im_raw_spinlock_unlock((const struct im_raw_spinlock *)lock);
}

IM_RAW_LOCK(im_raw_spinlock, .reset = im__raw_spinlock_reset);

#endif
