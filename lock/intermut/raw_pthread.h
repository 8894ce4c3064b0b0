/* SPDX-License-Identifier: MIT */
/**
 * @file raw_pthread.h
 * The lock of the system, for what only it can do: survive the death of its holder, lend it priority, span processes.
 *
 * A raw lock (<intermut/raw_lock.h>): `im_mutex_of(im_raw_pthread, T)`. Zeroed, it is a plain pthread mutex. The attributes
 * are asked for before its first use:
 *
 *     im_mutex_init_pthread(&table->lock, IM_PTHREAD_ROBUST | IM_PTHREAD_SHARED);     // table is in shared memory
 *
 * When the holder of a robust lock dies, as a thread or with its process, the next one gets the lock, and it is poisoned
 * (<intermut/mutex.h>): the value may be changed halfway. A lock with attributes ends with im_mutex_destroy().
 * Size: 48 bytes with glibc on x86-64. Cost: that of pthread_mutex_lock(), which is a call. It does not hand over.
 */
#ifndef INTERMUT_RAW_PTHREAD_H
#define INTERMUT_RAW_PTHREAD_H

#include <pthread.h>

#include <intermut/raw_lock.h>

/** Zeroed is unlocked. */
struct IM_CAPABILITY("lock") im_raw_pthread {
    pthread_mutex_t mutex;
    uint8_t held;     /* pthread does not say; written by the holder */
    uint8_t poisoned; /* a holder died, or said so */
};

/** What a lock can do, to be combined. */
enum im_pthread_attributes {
    IM_PTHREAD_ROBUST = 1,  /**< the next one gets it when its holder dies */
    IM_PTHREAD_INHERIT = 2, /**< its holder has the priority of those who wait */
    IM_PTHREAD_SHARED = 4,  /**< used by several processes that share its memory */
};

IM_BEGIN_DECLS

/** Make it an unlocked lock with these attributes. 0, or what the system says: ENOTSUP, EPERM, ENOMEM. */
int im_raw_pthread_init(struct im_raw_pthread *self, unsigned attributes);

/** The end of an unlocked lock. */
void im_raw_pthread_destroy(struct im_raw_pthread *self);

void im_raw_pthread_lock(const struct im_raw_pthread *self) IM_RAW_TAKES;
IM_MUST_CHECK bool im_raw_pthread_try_lock(const struct im_raw_pthread *self) IM_RAW_TRIES;
IM_MUST_CHECK bool im_raw_pthread_lock_until(const struct im_raw_pthread *self, uint64_t deadline_ns) IM_RAW_TRIES;
bool im_raw_pthread_unlock(const struct im_raw_pthread *self) IM_RAW_GIVES;

/** In the child of a fork() by its holder: unlocked; without attributes, which belong to the lock in the parent. */
void im_raw_pthread_reset(const struct im_raw_pthread *self) IM_RAW_GIVES;

/** Where it was poisoned: unknown, as that may have been another process. NULL: it is not. */
const struct im_place *im_raw_pthread_poisoned(const struct im_raw_pthread *self);
/** NULL: not poisoned any more. */
void im_raw_pthread_set_poisoned(const struct im_raw_pthread *self, const struct im_place *place);

IM_END_DECLS

/** Yields the core after it, which is all that it can do for others. */
static inline bool im_raw_pthread_unlock_fair(const struct im_raw_pthread *self) IM_RAW_GIVES
{
    bool was_locked = im_raw_pthread_unlock(self);
    im_sync_yield();
    return was_locked;
}

static inline bool im_raw_pthread_is_locked(const struct im_raw_pthread *self)
{
    return im_sync_load(&self->held, memory_order_relaxed);
}

static inline bool im_raw_pthread_is_contended(const struct im_raw_pthread *self)
{
    (void)self;
    return true; /* it does not say: who asks has to expect it */
}

static inline const struct im_place *im__raw_pthread_poisoned(const void *lock)
{
    return im_raw_pthread_poisoned((const struct im_raw_pthread *)lock);
}

static inline void im__raw_pthread_set_poisoned(const void *lock, const struct im_place *place)
{
    im_raw_pthread_set_poisoned((const struct im_raw_pthread *)lock, place);
}

static inline void im__raw_pthread_destroy(void *lock)
{
    im_raw_pthread_destroy((struct im_raw_pthread *)lock);
}

static inline void im__raw_pthread_reset(const void *lock) IM_NO_THREAD_SAFETY_ANALYSIS
{
    im_raw_pthread_reset((const struct im_raw_pthread *)lock);
}

IM_RAW_LOCK(im_raw_pthread, .reset = im__raw_pthread_reset, .destroy = im__raw_pthread_destroy,
            .poisoned = im__raw_pthread_poisoned, .set_poisoned = im__raw_pthread_set_poisoned);

#endif
