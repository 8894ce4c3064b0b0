/* SPDX-License-Identifier: MIT */
/**
 * @file raw_poisoning.h
 * The default lock with a mark for values that were left halfway: `im_mutex_of(im_raw_poisoning, T)`.
 *
 * A raw lock (<intermut/raw_lock.h>): an im_raw_futex, and where it was poisoned. What that means: <intermut/mutex.h>.
 * Zeroed is unlocked and not poisoned. 16 bytes.
 */
#ifndef INTERMUT_RAW_POISONING_H
#define INTERMUT_RAW_POISONING_H

#include <intermut/raw_futex.h>

struct IM_CAPABILITY("lock") im_raw_poisoning {
    struct im_raw_futex lock;
    /* Relaxed: who holds the lock knows by the lock; who does not, gets only a look. */
    const struct im_place *poisoned;
};

IM_INLINE void im_raw_poisoning_lock(const struct im_raw_poisoning *self) IM_RAW_TAKES
{
    im_raw_futex_lock(&self->lock);
}

IM_MUST_CHECK IM_INLINE bool im_raw_poisoning_try_lock(const struct im_raw_poisoning *self) IM_RAW_TRIES
{
    return im_raw_futex_try_lock(&self->lock);
}

IM_MUST_CHECK static inline bool im_raw_poisoning_lock_until(const struct im_raw_poisoning *self,
                                                             uint64_t deadline_ns) IM_RAW_TRIES
{
    return im_raw_futex_lock_until(&self->lock, deadline_ns);
}

IM_INLINE bool im_raw_poisoning_unlock(const struct im_raw_poisoning *self) IM_RAW_GIVES
{
    return im_raw_futex_unlock(&self->lock);
}

static inline bool im_raw_poisoning_unlock_fair(const struct im_raw_poisoning *self) IM_RAW_GIVES
{
    return im_raw_futex_unlock_fair(&self->lock);
}

static inline bool im_raw_poisoning_is_locked(const struct im_raw_poisoning *self)
{
    return im_raw_futex_is_locked(&self->lock);
}

static inline bool im_raw_poisoning_is_contended(const struct im_raw_poisoning *self)
{
    return im_raw_futex_is_contended(&self->lock);
}

static inline const struct im_place *im__raw_poisoning_poisoned(const void *lock)
{
    return im_sync_load(&((const struct im_raw_poisoning *)lock)->poisoned, memory_order_relaxed);
}

static inline void im__raw_poisoning_set_poisoned(const void *lock, const struct im_place *place)
{
    im_sync_store(&((struct im_raw_poisoning *)im_unsafe_unconst(lock))->poisoned, place, memory_order_relaxed);
}

static inline bool im__raw_poisoning_share(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im_raw_futex_share(&((const struct im_raw_poisoning *)lock)->lock);
}

static inline bool im__raw_poisoning_is_shared(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im_raw_futex_is_shared(&((const struct im_raw_poisoning *)lock)->lock);
}

static inline void im__raw_poisoning_reset(const void *lock)
{
    im__raw_futex_reset(&((const struct im_raw_poisoning *)lock)->lock);
}

/* Its first bytes are those of the futex. */
static inline void im__raw_poisoning_lock_moved(const void *lock)
{
    im__raw_futex_lock_moved(&((const struct im_raw_poisoning *)lock)->lock);
}
_Static_assert(__builtin_offsetof(struct im_raw_poisoning, lock) == 0, "sleepers are moved to the lock's address");

IM_RAW_LOCK(im_raw_poisoning, .reset = im__raw_poisoning_reset, .share = im__raw_poisoning_share,
            .is_shared = im__raw_poisoning_is_shared, .poisoned = im__raw_poisoning_poisoned,
            .set_poisoned = im__raw_poisoning_set_poisoned, .is_poisoned_by_early_ends = true,
            .lock_moved = im__raw_poisoning_lock_moved);

#endif
