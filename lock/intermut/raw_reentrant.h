/* SPDX-License-Identifier: MIT */
/**
 * @file raw_reentrant.h
 * The lock of im_reentrant: an im_raw_futex that knows its owner, and how often it was taken. Knows nothing of the value.
 *
 * Programs use <intermut/reentrant.h>; this is what its macros call, and what may be called from C++.
 *
 * The owner is written by the holder only, after it has the lock and before it gives it up. So a thread that reads its
 * own number there is the holder, and one that is the holder reads its own, since it was the last to write it: relaxed
 * accesses are enough, whatever old value another thread may see. The count of further holds is the holder's own, and 0
 * when it comes and when it goes: a single hold does not write it. The number is not the thread's id, which another thread
 * gets when this one has ended, maybe with the lock.
 */
#ifndef INTERMUT_RAW_REENTRANT_H
#define INTERMUT_RAW_REENTRANT_H

#include <intermut/lock_safety.h>
#include <intermut/raw_futex.h>
#include <intermut/raw_mutex.h>

/** Zeroed is unlocked. */
struct IM_CAPABILITY("lock") im_raw_reentrant {
    struct im_raw_futex lock;
    uint32_t more; /**< how many unlocks are needed besides one */
    uintptr_t owner;
};

IM_BEGIN_DECLS

/** Panic: `operation` by a thread that does not hold it. */
IM_NORETURN IM_COLD void im_raw_reentrant_not_mine(const struct im_raw_reentrant *self, const char *operation,
                                                   const struct im_place *place);

IM_END_DECLS

/* Of this thread. When there are no more of these numbers, which are small, it is its id, an address. */
IM_INLINE uintptr_t im__raw_reentrant_self(void)
{
    const uint32_t serial = im_sync_thread_serial();
    return IM_LIKELY(serial != 0) ? serial : im_sync_thread_id();
}

/* Whether the thread of this number holds it; it is the one that asks. */
IM_INLINE bool im__raw_reentrant_is_of(const struct im_raw_reentrant *self, uintptr_t thread)
{
    im_lock_tools_are_atomics(&self->owner, sizeof self->owner);
    return im_sync_load(&self->owner, memory_order_relaxed) == thread;
}

/** Whether this thread holds it. */
static inline bool im_raw_reentrant_is_mine(const struct im_raw_reentrant *self)
{
    return im__raw_reentrant_is_of(self, im__raw_reentrant_self());
}

IM_INLINE struct im_raw_reentrant *im__raw_reentrant(const struct im_raw_reentrant *self)
{
    return (struct im_raw_reentrant *)im_unsafe_unconst(self);
}

/* The first hold of this thread begins. */
IM_INLINE void im__raw_reentrant_own(const struct im_raw_reentrant *self, uintptr_t thread)
{
    im_sync_store(&im__raw_reentrant(self)->owner, thread, memory_order_relaxed);
}

/* Once more by the holder; false: too often. */
IM_INLINE bool im__raw_reentrant_again(const struct im_raw_reentrant *self)
{
    if (IM_UNLIKELY(self->more == UINT32_MAX))
        return false;
    im__raw_reentrant(self)->more++;
    return true;
}

IM_INLINE void im_raw_reentrant_lock(const struct im_raw_reentrant *self, const struct im_place *place)
    IM_ASSERT_CAPABILITY(*self) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_reached(self, place);
    /*
     * What is free is nobody's, so only who finds the lock taken looks at the owner. To look first would cost 2 ns, or, where
     * another thread had the lock, fetch its line twice. Tools and checked code are told of a lock before it is taken: there
     * the look comes first.
     */
    if (!IM_LOCK_TOOLS && !IM_CHECKED && IM_LIKELY(im__raw_futex_take(&self->lock))) {
        im__raw_reentrant_own(self, im__raw_reentrant_self());
        return;
    }
    const uintptr_t me = im__raw_reentrant_self();
    if (IM_UNLIKELY(im__raw_reentrant_is_of(self, me))) {
        if (IM_UNLIKELY(!im__raw_reentrant_again(self)))
            im_lock_refuse("lock", "this thread has it too often", place);
    } else {
        if (IM_CHECKED) {
            im_lock_checked_seen_free(self); /* it is not this thread's: if that is on record, plain code released it */
            im_lock_checked_waiting(self, IM_LOCK_REENTRANT, place);
        }
        im_raw_futex_lock(&self->lock);
        im__raw_reentrant_own(self, me);
    }
    if (IM_CHECKED)
        im_lock_checked_acquired(self, IM_LOCK_REENTRANT, false, place);
}

/* What was taken without waiting, or with a deadline. */
IM_INLINE bool im__raw_reentrant_keep(const struct im_raw_reentrant *self, const struct im_place *place)
{
    if (IM_CHECKED)
        im_lock_checked_acquired(self, IM_LOCK_REENTRANT, true, place);
    return true;
}

IM_INLINE bool im_raw_reentrant_try_lock(const struct im_raw_reentrant *self,
                                         const struct im_place *place) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_reached(self, place);
    const uintptr_t me = im__raw_reentrant_self();
    if (im__raw_reentrant_is_of(self, me))
        return im__raw_reentrant_again(self) && im__raw_reentrant_keep(self, place);
    if (!im_raw_futex_try_lock(&self->lock))
        return false;
    im__raw_reentrant_own(self, me);
    return im__raw_reentrant_keep(self, place);
}

IM_INLINE bool im_raw_reentrant_lock_until(const struct im_raw_reentrant *self, uint64_t deadline_ns,
                                           const struct im_place *place) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_CHECKED)
        im_checked_reached(self, place);
    const uintptr_t me = im__raw_reentrant_self();
    if (im__raw_reentrant_is_of(self, me))
        return im__raw_reentrant_again(self) && im__raw_reentrant_keep(self, place);
    if (!im_raw_futex_lock_until(&self->lock, deadline_ns))
        return false;
    im__raw_reentrant_own(self, me);
    return im__raw_reentrant_keep(self, place);
}

IM_INLINE bool im_raw_reentrant_lock_for(const struct im_raw_reentrant *self, uint64_t duration_ns,
                                         const struct im_place *place)
{
    return im_raw_reentrant_lock_until(self, im_lock_deadline(duration_ns), place);
}

IM_INLINE void im_raw_reentrant_unlock(const struct im_raw_reentrant *self,
                                       const struct im_place *place) IM_NO_THREAD_SAFETY_ANALYSIS
{
    if (IM_UNLIKELY(!im_raw_reentrant_is_mine(self)))
        im_raw_reentrant_not_mine(self, "unlock", place);
    if (IM_CHECKED)
        im_lock_checked_released(self, IM_LOCK_REENTRANT, place);
    if (IM_UNLIKELY(self->more > 0)) {
        im__raw_reentrant(self)->more--;
        return;
    }
    im_sync_store(&im__raw_reentrant(self)->owner, 0, memory_order_relaxed);
    im_raw_futex_unlock(&self->lock);
}

IM_INLINE void im_raw_reentrant_require_mine(const struct im_raw_reentrant *self, const struct im_place *place)
    IM_ASSERT_CAPABILITY(*self)
{
    if (IM_CHECKED)
        im_checked_reached(self, place);
    if (IM_UNLIKELY(!im_raw_reentrant_is_mine(self)))
        im_raw_reentrant_not_mine(self, "use the value of", place);
}

/** Panic unless nobody holds it; who ends it is alone with it. */
static inline void im_raw_reentrant_require_unlocked(const struct im_raw_reentrant *self, const char *operation,
                                                     const struct im_place *place)
{
    if (IM_UNLIKELY(im_raw_futex_is_locked(&self->lock)))
        im_lock_refuse(operation, "it is locked", place);
}

/** The end of an unlocked lock. */
static inline void im_raw_reentrant_end(const struct im_raw_reentrant *self, const char *operation,
                                        const struct im_place *place)
{
    im_raw_reentrant_require_unlocked(self, operation, place);
    if (IM_CHECKED)
        im_lock_checked_ended(self);
    im_lock_tools_destroyed(&self->lock);
}

static inline void im_raw_reentrant_destroy(struct im_raw_reentrant *self, const struct im_place *place)
{
    if (IM_CHECKED && im_raw_futex_is_locked(&self->lock))
        im_lock_checked_destroyed(self, place);
    im_raw_reentrant_end(self, "destroy", place);
}

/** The hold of a block. Without a lock, after a try: there is none. */
struct im_raw_reentrant_block {
    const struct im_raw_reentrant *lock;
    const void *value;
    const struct im_place *place;
};

IM_INLINE struct im_raw_reentrant_block im_raw_reentrant_open(const struct im_raw_reentrant *self, const void *value,
                                                              const struct im_place *place)
{
    im_raw_reentrant_lock(self, place);
    return (struct im_raw_reentrant_block){self, value, place};
}

/** The hold of a try that said yes or no. */
IM_INLINE struct im_raw_reentrant_block im_raw_reentrant_opened(bool is_taken, const struct im_raw_reentrant *self,
                                                                const void *value, const struct im_place *place)
{
    return (struct im_raw_reentrant_block){is_taken ? self : NULL, is_taken ? value : NULL, place};
}

IM_INLINE void im_raw_reentrant_close(struct im_raw_reentrant_block *block)
{
    im_raw_reentrant_unlock(block->lock, block->place);
}

IM_INLINE void im_raw_reentrant_try_close(struct im_raw_reentrant_block *block)
{
    if (block->lock)
        im_raw_reentrant_close(block);
}

#endif
