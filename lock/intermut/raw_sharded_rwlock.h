/* SPDX-License-Identifier: MIT */
/**
 * @file raw_sharded_rwlock.h
 * A read-write lock whose readers share no cache line that anybody writes to. It knows nothing of the value.
 *
 * Programs use im_sharded_rwlock(T) of <intermut/rwlock.h>. raw_sharded_rwlock.c has the story of why it works.
 *
 * A lock is an im_raw_rwlock, and a word that says whether it is *open*. While it is, a reader writes the lock's address
 * into a slot of its own thread, sees that the lock still is open, and is in. A writer takes the im_raw_rwlock, closes the
 * lock, and waits until no slot has its address. While it is closed, readers take the im_raw_rwlock, too; some thousand
 * reads without a write open it again.
 *
 * The functions are those of <intermut/raw_rwlock.h>, with the same results; only that a reader leaves in the thread in
 * which it came. Policies are those of the im_raw_rwlock: writers go first while the lock is open.
 */
#ifndef INTERMUT_RAW_SHARDED_RWLOCK_H
#define INTERMUT_RAW_SHARDED_RWLOCK_H

#include <intermut/raw_rwlock.h>

struct IM_CAPABILITY("lock") im_raw_sharded_rwlock {
    struct im_raw_rwlock central;
    uint32_t openness; /**< an enum im__sharded_openness */
    uint32_t calm;     /**< reads of the central lock since the last write; some may be missing */
};

/** Static initialiser, with the policy of the central lock. */
#define IM_RAW_SHARDED_RWLOCK_INIT(policy)    \
    {                                         \
        .central = IM_RAW_RWLOCK_INIT(policy) \
    }

/**
 * Reads in a row that open a closed lock. Closing it again costs its writer a fence of the heavy kind, 2 to 40
 * microseconds: that is less than these reads cost on the central lock.
 */
#ifndef IM_SHARDED_RWLOCK_CALM_READS
#define IM_SHARDED_RWLOCK_CALM_READS 2000
#endif

/** Threads that have slots at a time: others read by the central lock. Each costs 64 bytes, once for the process. */
#ifndef IM_SHARDED_RWLOCK_THREADS
#define IM_SHARDED_RWLOCK_THREADS 256
#endif

/** Locks that one thread may read by its slots at a time; more go by the central lock. */
enum { IM_SHARDED_RWLOCK_SLOTS = 4 };

enum im__sharded_openness {
    IM__SHARDED_CLOSED = 0,  /* and nobody is in by a slot */
    IM__SHARDED_OPEN = 1,    /* readers come in by their slots */
    IM__SHARDED_CLOSING = 2, /* somebody may still be in by a slot */
};

/* What a thread reads, on a cache line of its own. */
struct im__sharded_reader {
    const struct im_raw_sharded_rwlock *slots[IM_SHARDED_RWLOCK_SLOTS]; /* written by its thread */
    uint32_t more[IM_SHARDED_RWLOCK_SLOTS];                             /* further reads of the same lock; private */
    uint32_t watch;    /* odd: writers sleep on it; moves on to wake them */
    uint32_t is_taken; /* by a thread */
} __attribute__((aligned(IM_CACHE_LINE_BYTES)));

#ifdef IM_SYNC_HEADER
/* The harness has one for each of its threads. */
struct im__sharded_reader **im__sharded_self(void);
#else
/* initial-exec: one instruction where the library was loaded with the program. */
extern __thread struct im__sharded_reader *im__sharded_this_thread __attribute__((tls_model("initial-exec")));

/* The slots of this thread; NULL until it reads such a lock for the first time. */
static inline struct im__sharded_reader **im__sharded_self(void)
{
    return &im__sharded_this_thread;
}
#endif

IM_BEGIN_DECLS

IM_COLD bool im__sharded_read_slow(const struct im_raw_sharded_rwlock *self, uint32_t gate, uint64_t deadline_ns);
IM_COLD bool im__sharded_try_read_slow(const struct im_raw_sharded_rwlock *self, uint32_t gate);
IM_COLD bool im__sharded_read_leave_slow(const struct im_raw_sharded_rwlock *self);
IM_COLD void im__sharded_wake_writers(struct im__sharded_reader *reader);
/* For who has the central lock: wait until nobody is in by a slot. */
IM_COLD bool im__sharded_close(const struct im_raw_sharded_rwlock *self, uint64_t deadline_ns);
/* The same without waiting. */
IM_COLD bool im__sharded_try_close(const struct im_raw_sharded_rwlock *self);

/** Whether a thread is in by a slot. A look. */
IM_COLD bool im__sharded_is_read(const struct im_raw_sharded_rwlock *self);

IM_END_DECLS

static inline uint32_t *im__sharded_openness_of(const struct im_raw_sharded_rwlock *self)
{
    return (uint32_t *)im_unsafe_unconst(&self->openness);
}

/* This thread's slot `i` is free again. */
IM_INLINE void im__sharded_clear(struct im__sharded_reader *reader, unsigned i)
{
    /* Release: pairs with the acquire of the writer that looks at all slots. */
    im_sync_store(&reader->slots[i], NULL, memory_order_release);
    /* Either the writer sees that, or this sees that it is about to sleep. The lock itself may be gone. */
    im_sync_light_fence();
    if (IM_UNLIKELY((im_sync_load(&reader->watch, memory_order_relaxed) & 1) != 0))
        im__sharded_wake_writers(reader);
}

/* Come in by a free slot, if the lock is open. */
IM_INLINE bool im__sharded_enter(struct im__sharded_reader *reader, unsigned i,
                                 const struct im_raw_sharded_rwlock *self)
{
    im_sync_store(&reader->slots[i], self, memory_order_relaxed);
    /* Either the writer that closes it sees the slot, or this sees that it is closed. */
    im_sync_light_fence();
    /* Acquire: pairs with the release of the reader that opened it, which came after the last writer. */
    if (IM_LIKELY(im_sync_load(&self->openness, memory_order_acquire) == IM__SHARDED_OPEN))
        return true;
    im__sharded_clear(reader, i);
    return false;
}

/* The usual case: the first slot is free, and the lock open. */
IM_INLINE bool im__sharded_enter_at_once(const struct im_raw_sharded_rwlock *self)
{
    struct im__sharded_reader *reader = *im__sharded_self();
    if (IM_UNLIKELY(!reader))
        return false;
    /* Relaxed: the slot is this thread's; the lock is looked at again. */
    if (IM_UNLIKELY(im_sync_load(&reader->slots[0], memory_order_relaxed) != NULL))
        return false;
    if (IM_UNLIKELY(im_sync_load(&self->openness, memory_order_relaxed) != IM__SHARDED_OPEN))
        return false;
    return im__sharded_enter(reader, 0, self);
}

IM_INLINE bool im__sharded_read(const struct im_raw_sharded_rwlock *self, uint32_t gate, uint64_t deadline_ns)
{
    if (IM_LIKELY(im__sharded_enter_at_once(self)))
        return true;
    return im__sharded_read_slow(self, gate, deadline_ns);
}

IM_INLINE bool im__sharded_try_read(const struct im_raw_sharded_rwlock *self, uint32_t gate)
{
    if (IM_LIKELY(im__sharded_enter_at_once(self)))
        return true;
    return im__sharded_try_read_slow(self, gate);
}

IM_INLINE bool im__sharded_read_leave(const struct im_raw_sharded_rwlock *self)
{
    struct im__sharded_reader *reader = *im__sharded_self();
    /* Relaxed: this thread's own. */
    if (IM_LIKELY(reader && im_sync_load(&reader->slots[0], memory_order_relaxed) == self && reader->more[0] == 0)) {
        im__sharded_clear(reader, 0);
        return true;
    }
    return im__sharded_read_leave_slow(self);
}

/* ---- Readers ---- */

static inline bool im_raw_sharded_rwlock_read_until(const struct im_raw_sharded_rwlock *self,
                                                    uint64_t deadline_ns) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ);
    bool is_in = im__sharded_read(self, IM__RWLOCK_GATE, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ, is_in);
    return is_in;
}

static inline bool im_raw_sharded_rwlock_read_recursive_until(const struct im_raw_sharded_rwlock *self,
                                                              uint64_t deadline_ns) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ);
    bool is_in = im__sharded_read(self, 0, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ, is_in);
    return is_in;
}

static inline bool im_raw_sharded_rwlock_try_read(const struct im_raw_sharded_rwlock *self) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY);
    bool is_in = im__sharded_try_read(self, IM__RWLOCK_GATE);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

static inline bool
im_raw_sharded_rwlock_try_read_recursive(const struct im_raw_sharded_rwlock *self) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY);
    bool is_in = im__sharded_try_read(self, 0);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

static inline bool im_raw_sharded_rwlock_read_unlock(const struct im_raw_sharded_rwlock *self) IM_RAW_GIVES_SHARED
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_READ);
    bool was_held = im__sharded_read_leave(self);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_READ);
    return was_held;
}

/* ---- The writer ---- */

/* Relaxed: openness changes only under the central lock, which is this thread's. */
IM_INLINE bool im__sharded_is_closed(const struct im_raw_sharded_rwlock *self)
{
    return (im_sync_load(&self->openness, memory_order_relaxed) | im_sync_load(&self->calm, memory_order_relaxed)) == 0;
}

static inline bool im_raw_sharded_rwlock_write_until(const struct im_raw_sharded_rwlock *self,
                                                     uint64_t deadline_ns) IM_RAW_TRIES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE);
    bool is_in = im__rwlock_write(&self->central, deadline_ns);
    if (is_in && IM_UNLIKELY(!im__sharded_is_closed(self)) && !im__sharded_close(self, deadline_ns))
        is_in = !im__rwlock_change(&self->central, IM__RWLOCK_WRITER, 0);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE, is_in);
    return is_in;
}

static inline bool im_raw_sharded_rwlock_try_write(const struct im_raw_sharded_rwlock *self) IM_RAW_TRIES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE | IM_LOCK_TOOLS_TRY);
    bool is_in = im__rwlock_try_write(&self->central);
    if (is_in && IM_UNLIKELY(!im__sharded_is_closed(self)) && !im__sharded_try_close(self))
        is_in = !im__rwlock_change(&self->central, IM__RWLOCK_WRITER, 0);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

static inline bool im_raw_sharded_rwlock_write_unlock(const struct im_raw_sharded_rwlock *self) IM_RAW_GIVES
{
    return im_raw_rwlock_write_unlock(&self->central);
}

static inline bool im_raw_sharded_rwlock_split(const struct im_raw_sharded_rwlock *self)
    IM_REQUIRES(*self) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im_raw_rwlock_split(&self->central);
}

static inline bool im_raw_sharded_rwlock_is_split(const struct im_raw_sharded_rwlock *self)
{
    return im_raw_rwlock_is_split(&self->central);
}

static inline bool im_raw_sharded_rwlock_downgrade(const struct im_raw_sharded_rwlock *self) IM_RAW_DOWNGRADES
{
    return im_raw_rwlock_downgrade(&self->central);
}

static inline bool
im_raw_sharded_rwlock_downgrade_to_upgradable(const struct im_raw_sharded_rwlock *self) IM_RAW_DOWNGRADES
{
    return im_raw_rwlock_downgrade_to_upgradable(&self->central);
}

/* ---- The upgradable reader ---- */

static inline bool im_raw_sharded_rwlock_upgradable_until(const struct im_raw_sharded_rwlock *self,
                                                          uint64_t deadline_ns) IM_RAW_TRIES_SHARED
{
    return im_raw_rwlock_upgradable_until(&self->central, deadline_ns);
}

static inline bool im_raw_sharded_rwlock_try_upgradable(const struct im_raw_sharded_rwlock *self) IM_RAW_TRIES_SHARED
{
    return im_raw_rwlock_try_upgradable(&self->central);
}

static inline bool im_raw_sharded_rwlock_upgradable_unlock(const struct im_raw_sharded_rwlock *self) IM_RAW_GIVES_SHARED
{
    return im_raw_rwlock_upgradable_unlock(&self->central);
}

static inline bool im_raw_sharded_rwlock_downgrade_upgradable(const struct im_raw_sharded_rwlock *self)
    IM_REQUIRES_SHARED(*self) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return im_raw_rwlock_downgrade_upgradable(&self->central);
}

static inline bool im_raw_sharded_rwlock_upgrade_until(const struct im_raw_sharded_rwlock *self, uint64_t deadline_ns)
    IM_REQUIRES_SHARED(*self) IM_NO_THREAD_SAFETY_ANALYSIS
{
    im__rwlock_upgrading(self);
    bool is_in = im__rwlock_upgrade(&self->central, deadline_ns);
    if (is_in && !im__sharded_is_closed(self) && !im__sharded_close(self, deadline_ns))
        is_in = !im__rwlock_change(&self->central, IM__RWLOCK_WRITER, IM__RWLOCK_UPGRADABLE);
    return im__rwlock_upgraded(self, is_in);
}

static inline bool im_raw_sharded_rwlock_try_upgrade(const struct im_raw_sharded_rwlock *self)
    IM_REQUIRES_SHARED(*self) IM_NO_THREAD_SAFETY_ANALYSIS
{
    im__rwlock_upgrading(self);
    bool is_in = im__rwlock_try_upgrade(&self->central);
    if (is_in && !im__sharded_is_closed(self) && !im__sharded_try_close(self))
        is_in = !im__rwlock_change(&self->central, IM__RWLOCK_WRITER, IM__RWLOCK_UPGRADABLE);
    return im__rwlock_upgraded(self, is_in);
}

/* ---- Looks ---- */

static inline bool im_raw_sharded_rwlock_is_locked(const struct im_raw_sharded_rwlock *self)
{
    return im_raw_rwlock_is_locked(&self->central) || im__sharded_is_read(self);
}

static inline bool im_raw_sharded_rwlock_is_upgradable(const struct im_raw_sharded_rwlock *self)
{
    return im_raw_rwlock_is_upgradable(&self->central);
}

static inline enum im_rwlock_policy im_raw_sharded_rwlock_policy(const struct im_raw_sharded_rwlock *self)
{
    return im_raw_rwlock_policy(&self->central);
}

/** In the child of a fork() by its writer, for whom the lock is closed: nobody is in by a slot. */
static inline void im_raw_sharded_rwlock_reset(const struct im_raw_sharded_rwlock *self)
{
    im_raw_rwlock_reset(&self->central);
}

static inline void im_raw_sharded_rwlock_set_policy(struct im_raw_sharded_rwlock *self, enum im_rwlock_policy policy)
{
    im_raw_rwlock_set_policy(&self->central, policy);
}

#endif
