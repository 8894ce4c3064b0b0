/* SPDX-License-Identifier: MIT */
/**
 * @file raw_condvar.h
 * What im_condvar does with a mutex of any raw lock. Programs use <intermut/condvar.h>.
 *
 * `sequence` counts notifications. Who waits notes it while it has the lock, unlocks, and sleeps unless it has moved. A
 * notification moves it, then wakes. It concerns a change that was made under the lock after the waiter let go of it, so it
 * comes after the note: the waiter sees it, or is asleep, and is woken. 2^30 notifications between the two would be missed.
 * Two bits of it are no count: condvar.c says what they are for.
 * `waiters` lets a notification that nobody waits for cost one load. The waiter counts itself under the lock, so who
 * notifies after a change under the lock sees it.
 */
#ifndef INTERMUT_RAW_CONDVAR_H
#define INTERMUT_RAW_CONDVAR_H

#include <intermut/raw_mutex.h>

#define IM__CONDVAR_MOVED UINT32_C(0x1)    /* who waits may have been moved to the lock, and sleep there */
#define IM__CONDVAR_MOVES UINT32_C(0x2)    /* the lock of those who wait has room for sleepers of others */
#define IM__CONDVAR_NOTIFIED UINT32_C(0x4) /* one notification */

/** Zeroed: nobody waits. */
struct im_raw_condvar {
    uint32_t sequence;
    uint32_t waiters; /* changed under the lock only */
    const void *lock; /* that of the waiters; kept when they are gone */
};

IM_BEGIN_DECLS

/** 0, or ETIMEDOUT at `deadline_ns`; the lock is held again in either case. Panics: it is not, or others wait with another. */
int im_raw_condvar_wait(const struct im_raw_condvar *self, const void *lock, const struct im_raw_lock_ops *ops,
                        uint64_t deadline_ns, const struct im_place *place);

/** Wake up to `count`, and take note that somebody has to look again. */
IM_COLD void im_raw_condvar_wake(const struct im_raw_condvar *self, int count);

/** Panic unless nobody waits. */
void im_raw_condvar_destroy(struct im_raw_condvar *self, const struct im_place *place);

IM_END_DECLS

/** The same in checked code: meanwhile this thread does not hold the lock, and it has to wait for it again. */
IM_INLINE int im_raw_condvar_wait_checked(const struct im_raw_condvar *self, const void *lock,
                                          const struct im_raw_lock_ops *ops, uint64_t deadline_ns,
                                          const struct im_place *place)
{
    if (!IM_CHECKED)
        return im_raw_condvar_wait(self, lock, ops, deadline_ns, place);
    im_lock_checked_condvar_wait(self, lock, place);
    im_lock_checked_released(lock, IM_LOCK_EXCLUSIVE, place);
    im_lock_checked_waiting(lock, IM_LOCK_EXCLUSIVE, place);
    int error = im_raw_condvar_wait(self, lock, ops, deadline_ns, place);
    im_lock_checked_acquired(lock, IM_LOCK_EXCLUSIVE, false, place);
    im_lock_checked_condvar_woken(self);
    return error;
}

static inline void im_raw_condvar_notify(const struct im_raw_condvar *self, int count)
{
    im_lock_tools_are_atomics(self, sizeof *self);
    /* Relaxed: the lock orders this after the waiter's count, if the change that it waits for was made under it. */
    if (im_sync_load(&self->waiters, memory_order_relaxed) > 0)
        im_raw_condvar_wake(self, count);
}

#endif
