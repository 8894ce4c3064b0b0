/* SPDX-License-Identifier: MIT */
/**
 * @file raw_rwlock.h
 * The word behind an im_rwlock: many readers or one writer, by one of three policies. It knows nothing of the value.
 *
 * Programs use <intermut/rwlock.h>. Here are the bits, and the instructions of who need not wait; raw_rwlock.c has those
 * who wait, and the story of why it works.
 *
 * | bits         | meaning                                                                                             |
 * |--------------|-----------------------------------------------------------------------------------------------------|
 * | READERS (24) | readers; and, while there is a writer, those that are in as soon as it leaves. The upper half is    |
 * |              | never used: who finds the count there goes again                                                    |
 * | WRITER       | there is a writer                                                                                   |
 * | UPGRADABLE   | there is an upgradable reader, which is not counted in READERS                                      |
 * | GATE         | a writer waits, and readers that come now wait behind it                                            |
 * | QUEUED       | somebody sleeps: who makes way for others looks into the queue                                      |
 * | POLICY (2)   | never changes                                                                                       |
 * | PARTS (2)    | how many times the writer has to leave besides once: its guard was split                            |
 *
 * All functions take a pointer to const, as a lock is shared by its nature. Zeroed is free, with the policy task-fair.
 * A free lock may be moved by its bytes. `bool` results: false is "not now", "too late" or "too many readers" of who
 * takes a lock, and of who gives it back that it was not taken, as far as the lock can tell; nothing has changed then.
 * None panics, touches errno or is a cancellation point; a signal handler that interrupts a wait does not end it.
 */
#ifndef INTERMUT_RAW_RWLOCK_H
#define INTERMUT_RAW_RWLOCK_H

#include <intermut/lock_tools.h>
#include <intermut/raw_lock.h>

#define IM__RWLOCK_READER UINT32_C(1)
#define IM__RWLOCK_READERS UINT32_C(0x00ffffff)
#define IM__RWLOCK_TOO_MANY UINT32_C(0x00800000)
#define IM__RWLOCK_WRITER (UINT32_C(1) << 24)
#define IM__RWLOCK_UPGRADABLE (UINT32_C(1) << 25)
#define IM__RWLOCK_GATE (UINT32_C(1) << 26)
#define IM__RWLOCK_QUEUED (UINT32_C(1) << 27)
#define IM__RWLOCK_POLICY (UINT32_C(3) << 28)
#define IM__RWLOCK_PART (UINT32_C(1) << 30)
#define IM__RWLOCK_PARTS (UINT32_C(3) << 30)

/** The most readers at a time. */
#define IM_RWLOCK_MAX_READERS (IM__RWLOCK_TOO_MANY - 1)

/** Who goes first. */
enum im_rwlock_policy {
    /**
     * Write sections and readers take turns: a reader waits for at most one more write section once it sleeps, a writer
     * for the readers that came before it. Nobody starves.
     */
    IM_RWLOCK_TASK_FAIR = 0,
    /** Readers wait while a writer waits. They starve under writers that never stop. */
    IM_RWLOCK_WRITER_PREFERRING = 1 << 28,
    /** Writers wait while there are readers. They starve under readers that never stop. */
    IM_RWLOCK_READER_PREFERRING = 2 << 28,
};

struct IM_CAPABILITY("lock") im_raw_rwlock {
    uint32_t state;
};

/** Static initialiser: `static struct im_raw_rwlock lock = IM_RAW_RWLOCK_INIT(IM_RWLOCK_READER_PREFERRING);`. */
#define IM_RAW_RWLOCK_INIT(policy) \
    {                              \
        .state = (policy)          \
    }

IM_BEGIN_DECLS

/* The waiting ends of the functions below. `seen` is the word before this reader was added to it. */
IM_COLD bool im__rwlock_read_slow(const struct im_raw_rwlock *self, uint32_t seen, uint32_t gate, uint64_t deadline_ns);
IM_COLD bool im__rwlock_write_slow(const struct im_raw_rwlock *self, uint64_t deadline_ns);
IM_COLD bool im__rwlock_upgradable_slow(const struct im_raw_rwlock *self, uint64_t deadline_ns);
IM_COLD bool im__rwlock_upgrade_slow(const struct im_raw_rwlock *self, uint64_t deadline_ns);
/* The last reader has left while somebody sleeps. The lock may be gone. */
IM_COLD void im__rwlock_readers_left(const struct im_raw_rwlock *self);
/* `drop` is held and goes, `add` comes instead, and those who sleep are looked at. */
IM_COLD void im__rwlock_make_way(const struct im_raw_rwlock *self, uint32_t drop, uint32_t add);

IM_END_DECLS

static inline uint32_t *im__rwlock_word(const struct im_raw_rwlock *self)
{
    return (uint32_t *)im_unsafe_unconst(&self->state);
}

/* What keeps a writer out. */
#define IM__RWLOCK_BUSY (IM__RWLOCK_READERS | IM__RWLOCK_WRITER | IM__RWLOCK_UPGRADABLE)

/* ---- The steps of who need not wait ---- */

IM_INLINE bool im__rwlock_read(const struct im_raw_rwlock *self, uint32_t gate, uint64_t deadline_ns)
{
    /* Acquire: pairs with the release of the writer before, in im__rwlock_change() and im__rwlock_make_way(). */
    uint32_t seen = im_sync_fetch_add(im__rwlock_word(self), IM__RWLOCK_READER, memory_order_acquire);
    if (IM_LIKELY((seen & (IM__RWLOCK_WRITER | IM__RWLOCK_TOO_MANY | gate)) == 0))
        return true;
    return im__rwlock_read_slow(self, seen, gate, deadline_ns);
}

/* By compare-exchange: a try that fails shall not be seen by others, whose try would then fail for nothing. */
IM_INLINE bool im__rwlock_try_read(const struct im_raw_rwlock *self, uint32_t gate)
{
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed);
    while ((state & (IM__RWLOCK_WRITER | IM__RWLOCK_TOO_MANY | gate)) == 0) {
        /* Acquire: as above. */
        if (im_sync_compare_exchange_weak(word, &state, state + IM__RWLOCK_READER, memory_order_acquire,
                                          memory_order_relaxed))
            return true;
    }
    return false;
}

IM_COLD IM_UNUSED static bool im__rwlock_read_leave_slow(const struct im_raw_rwlock *self, uint32_t seen)
{
    if ((seen & IM__RWLOCK_READERS) == 0) {
        im_sync_fetch_add(im__rwlock_word(self), IM__RWLOCK_READER, memory_order_relaxed);
        return false;
    }
    im__rwlock_readers_left(self);
    return true;
}

IM_INLINE bool im__rwlock_read_leave(const struct im_raw_rwlock *self)
{
    /* Release: pairs with the acquire of the next writer. */
    uint32_t seen = im_sync_fetch_sub(im__rwlock_word(self), IM__RWLOCK_READER, memory_order_release);
    if (IM_LIKELY((seen & IM__RWLOCK_READERS) > 1 || (seen & (IM__RWLOCK_READERS | IM__RWLOCK_QUEUED)) == 1))
        return true;
    return im__rwlock_read_leave_slow(self, seen);
}

IM_INLINE bool im__rwlock_write(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    /* Only where nobody else wants it: the others are for the waiting end. */
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed) & IM__RWLOCK_POLICY;
    /* Acquire: pairs with the releases of all readers and of the writer before. */
    if (IM_LIKELY(im_sync_compare_exchange(word, &state, state | IM__RWLOCK_WRITER, memory_order_acquire,
                                           memory_order_relaxed)))
        return true;
    return im__rwlock_write_slow(self, deadline_ns);
}

IM_INLINE bool im__rwlock_try_write(const struct im_raw_rwlock *self)
{
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed);
    while ((state & IM__RWLOCK_BUSY) == 0) {
        /* Acquire: as above. The gate stays as it is: it is for a writer that still waits. */
        if (im_sync_compare_exchange_weak(word, &state, state | IM__RWLOCK_WRITER, memory_order_acquire,
                                          memory_order_relaxed))
            return true;
    }
    return false;
}

/*
 * A part of the writer leaves, and others are still there; but parts do not become readers. Who was leaked may be ended by
 * any thread, so two parts may leave at a time.
 */
IM_COLD IM_UNUSED static bool im__rwlock_end_part(const struct im_raw_rwlock *self, uint32_t add)
{
    if (add != 0)
        return false;
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed);
    while ((state & IM__RWLOCK_PARTS) != 0) {
        /* Release: the end of the last part, which changes the same word, goes on with it. */
        if (im_sync_compare_exchange_weak(word, &state, state - IM__RWLOCK_PART, memory_order_release,
                                          memory_order_relaxed))
            return true;
    }
    im__rwlock_make_way(self, IM__RWLOCK_WRITER, 0);
    return true;
}

/* `drop`, one bit, goes, and `add` comes: at once if nobody sleeps. False: it was not there. */
IM_INLINE bool im__rwlock_change(const struct im_raw_rwlock *self, uint32_t drop, uint32_t add)
{
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed);
    while (IM_LIKELY((state & (drop | IM__RWLOCK_QUEUED | IM__RWLOCK_PARTS)) == drop)) {
        /* Release: pairs with the acquire of whoever comes next. */
        if (IM_LIKELY(im_sync_compare_exchange_weak(word, &state, state - drop + add, memory_order_release,
                                                    memory_order_relaxed)))
            return true;
    }
    if ((state & drop) == 0)
        return false;
    if ((state & IM__RWLOCK_PARTS) != 0)
        return im__rwlock_end_part(self, add);
    im__rwlock_make_way(self, drop, add);
    return true;
}

#define IM__RWLOCK_BUSY_FOR_UPGRADABLE (IM__RWLOCK_WRITER | IM__RWLOCK_UPGRADABLE | IM__RWLOCK_GATE)

IM_INLINE bool im__rwlock_try_upgradable(const struct im_raw_rwlock *self)
{
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed);
    while ((state & IM__RWLOCK_BUSY_FOR_UPGRADABLE) == 0) {
        /* Acquire: pairs with the release of the writer before. */
        if (im_sync_compare_exchange_weak(word, &state, state | IM__RWLOCK_UPGRADABLE, memory_order_acquire,
                                          memory_order_relaxed))
            return true;
    }
    return false;
}

IM_INLINE bool im__rwlock_upgradable(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    if (IM_LIKELY(im__rwlock_try_upgradable(self)))
        return true;
    return im__rwlock_upgradable_slow(self, deadline_ns);
}

IM_INLINE bool im__rwlock_try_upgrade(const struct im_raw_rwlock *self)
{
    uint32_t *word = im__rwlock_word(self), state = im_sync_load(word, memory_order_relaxed);
    while ((state & (IM__RWLOCK_READERS | IM__RWLOCK_UPGRADABLE)) == IM__RWLOCK_UPGRADABLE) {
        /* Acquire: pairs with the releases of the readers that were there. */
        if (im_sync_compare_exchange_weak(word, &state, state - IM__RWLOCK_UPGRADABLE + IM__RWLOCK_WRITER,
                                          memory_order_acquire, memory_order_relaxed))
            return true;
    }
    return false;
}

IM_INLINE bool im__rwlock_upgrade(const struct im_raw_rwlock *self, uint64_t deadline_ns)
{
    if (IM_LIKELY(im__rwlock_try_upgrade(self)))
        return true;
    return im__rwlock_upgrade_slow(self, deadline_ns);
}

/*
 * To the tools an upgradable reader is a reader, and who changes from one kind to another leaves and comes. All that the
 * lock does is between two of their calls, where ThreadSanitizer does not look at it.
 */
IM_INLINE bool im__rwlock_downgrade_as(const struct im_raw_rwlock *self, uint32_t drop, uint32_t add,
                                       enum im_lock_tools_how from)
{
    im_lock_tools_unlocking(self, from);
    bool was_held = im__rwlock_change(self, drop, add);
    im_lock_tools_unlocked(self, from);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ, was_held);
    return was_held;
}

IM_INLINE void im__rwlock_upgrading(const void *lock)
{
    im_lock_tools_unlocking(lock, IM_LOCK_TOOLS_READ);
    im_lock_tools_unlocked(lock, IM_LOCK_TOOLS_READ);
    im_lock_tools_locking(lock, IM_LOCK_TOOLS_WRITE | IM_LOCK_TOOLS_TRY);
}

IM_INLINE bool im__rwlock_upgraded(const void *lock, bool is_in)
{
    im_lock_tools_locked(lock, IM_LOCK_TOOLS_WRITE | IM_LOCK_TOOLS_TRY, is_in);
    if (!is_in) {
        im_lock_tools_locking(lock, IM_LOCK_TOOLS_READ);
        im_lock_tools_locked(lock, IM_LOCK_TOOLS_READ, true);
    }
    return is_in;
}

/* ---- Readers ---- */

/** Wait to be a reader, until `deadline_ns` on CLOCK_MONOTONIC (IM_SYNC_FOREVER: without limit). */
static inline bool im_raw_rwlock_read_until(const struct im_raw_rwlock *self, uint64_t deadline_ns) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ);
    bool is_in = im__rwlock_read(self, IM__RWLOCK_GATE, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ, is_in);
    return is_in;
}

/** The same where this thread may be a reader already: it does not wait behind a waiting writer. */
static inline bool im_raw_rwlock_read_recursive_until(const struct im_raw_rwlock *self,
                                                      uint64_t deadline_ns) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ);
    bool is_in = im__rwlock_read(self, 0, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ, is_in);
    return is_in;
}

/** Be a reader, if that is possible now. */
static inline bool im_raw_rwlock_try_read(const struct im_raw_rwlock *self) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY);
    bool is_in = im__rwlock_try_read(self, IM__RWLOCK_GATE);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

/** The same where this thread may be a reader already. */
static inline bool im_raw_rwlock_try_read_recursive(const struct im_raw_rwlock *self) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY);
    bool is_in = im__rwlock_try_read(self, 0);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

/** One reader less. */
static inline bool im_raw_rwlock_read_unlock(const struct im_raw_rwlock *self) IM_RAW_GIVES_SHARED
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_READ);
    bool was_held = im__rwlock_read_leave(self);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_READ);
    return was_held;
}

/* ---- The writer ---- */

/** Wait to be the writer, until `deadline_ns`. */
static inline bool im_raw_rwlock_write_until(const struct im_raw_rwlock *self, uint64_t deadline_ns) IM_RAW_TRIES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE);
    bool is_in = im__rwlock_write(self, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE, is_in);
    return is_in;
}

/** Be the writer, if that is possible now. */
static inline bool im_raw_rwlock_try_write(const struct im_raw_rwlock *self) IM_RAW_TRIES
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE | IM_LOCK_TOOLS_TRY);
    bool is_in = im__rwlock_try_write(self);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

/** The writer leaves. */
static inline bool im_raw_rwlock_write_unlock(const struct im_raw_rwlock *self) IM_RAW_GIVES
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_WRITE);
    bool was_held = im__rwlock_change(self, IM__RWLOCK_WRITER, 0);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_WRITE);
    return was_held;
}

/** For the writer: it has to leave once more. False: three times more is the most. */
static inline bool im_raw_rwlock_split(const struct im_raw_rwlock *self) IM_REQUIRES(*self)
{
    if ((im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_PARTS) == IM__RWLOCK_PARTS)
        return false;
    im_lock_tools_lock_again(self);
    im_sync_fetch_add(im__rwlock_word(self), IM__RWLOCK_PART, memory_order_relaxed);
    return true;
}

/** For the writer: whether it has to leave more than once. */
static inline bool im_raw_rwlock_is_split(const struct im_raw_rwlock *self)
{
    return (im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_PARTS) != 0;
}

/** The writer becomes a reader; no other writer comes between. False also where it was split. */
static inline bool im_raw_rwlock_downgrade(const struct im_raw_rwlock *self) IM_RAW_DOWNGRADES
{
    return im__rwlock_downgrade_as(self, IM__RWLOCK_WRITER, IM__RWLOCK_READER, IM_LOCK_TOOLS_WRITE);
}

/** The writer becomes the upgradable reader; no other writer comes between. False also where it was split. */
static inline bool im_raw_rwlock_downgrade_to_upgradable(const struct im_raw_rwlock *self) IM_RAW_DOWNGRADES
{
    return im__rwlock_downgrade_as(self, IM__RWLOCK_WRITER, IM__RWLOCK_UPGRADABLE, IM_LOCK_TOOLS_WRITE);
}

/* ---- The upgradable reader ---- */

/** Wait to be the upgradable reader, beside other readers, until `deadline_ns`. */
static inline bool im_raw_rwlock_upgradable_until(const struct im_raw_rwlock *self,
                                                  uint64_t deadline_ns) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ);
    bool is_in = im__rwlock_upgradable(self, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ, is_in);
    return is_in;
}

/** Be the upgradable reader, if that is possible now. */
static inline bool im_raw_rwlock_try_upgradable(const struct im_raw_rwlock *self) IM_RAW_TRIES_SHARED
{
    im_lock_tools_locking(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY);
    bool is_in = im__rwlock_try_upgradable(self);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_READ | IM_LOCK_TOOLS_TRY, is_in);
    return is_in;
}

/** The upgradable reader leaves. */
static inline bool im_raw_rwlock_upgradable_unlock(const struct im_raw_rwlock *self) IM_RAW_GIVES_SHARED
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_READ);
    bool was_held = im__rwlock_change(self, IM__RWLOCK_UPGRADABLE, 0);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_READ);
    return was_held;
}

/** The upgradable reader becomes a plain one. */
static inline bool im_raw_rwlock_downgrade_upgradable(const struct im_raw_rwlock *self) IM_REQUIRES_SHARED(*self)
{
    return im__rwlock_downgrade_as(self, IM__RWLOCK_UPGRADABLE, IM__RWLOCK_READER, IM_LOCK_TOOLS_READ);
}

/**
 * The upgradable reader waits to be the writer, until `deadline_ns`; no other writer comes between. False: too late, it
 * still is the upgradable reader; or there is none.
 */
static inline bool im_raw_rwlock_upgrade_until(const struct im_raw_rwlock *self, uint64_t deadline_ns)
    IM_REQUIRES_SHARED(*self)
{
    im__rwlock_upgrading(self);
    return im__rwlock_upgraded(self, im__rwlock_upgrade(self, deadline_ns));
}

/** The upgradable reader becomes the writer, if there are no other readers now. */
static inline bool im_raw_rwlock_try_upgrade(const struct im_raw_rwlock *self) IM_REQUIRES_SHARED(*self)
{
    im__rwlock_upgrading(self);
    return im__rwlock_upgraded(self, im__rwlock_try_upgrade(self));
}

/* ---- Looks; relaxed, and outdated at once ---- */

IM_BEGIN_DECLS

/** How many threads sleep for it. Takes a lock, and time. */
IM_COLD size_t im_raw_rwlock_sleepers(const struct im_raw_rwlock *self);

IM_END_DECLS

/** Whether somebody holds it in any way. */
static inline bool im_raw_rwlock_is_locked(const struct im_raw_rwlock *self)
{
    return (im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_BUSY) != 0;
}

/** Whether there is a writer. */
static inline bool im_raw_rwlock_is_write_locked(const struct im_raw_rwlock *self)
{
    return (im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_WRITER) != 0;
}

/** Whether there is an upgradable reader. */
static inline bool im_raw_rwlock_is_upgradable(const struct im_raw_rwlock *self)
{
    return (im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_UPGRADABLE) != 0;
}

/** Whether somebody sleeps until it gets it. */
static inline bool im_raw_rwlock_is_contended(const struct im_raw_rwlock *self)
{
    return (im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_QUEUED) != 0;
}

static inline enum im_rwlock_policy im_raw_rwlock_policy(const struct im_raw_rwlock *self)
{
    return (enum im_rwlock_policy)(im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_POLICY);
}

/**
 * Free and without waiters, in the child of a fork() by its writer: whoever was counted in it besides has stayed in the
 * parent. The queue is empty there anyway (raw_rwlock.c).
 */
static inline void im_raw_rwlock_reset(const struct im_raw_rwlock *self) IM_NO_THREAD_SAFETY_ANALYSIS
{
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_WRITE);
    /* Relaxed: there is no other thread yet. */
    im_sync_store(im__rwlock_word(self), im_sync_load(&self->state, memory_order_relaxed) & IM__RWLOCK_POLICY,
                  memory_order_relaxed);
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_WRITE);
}

/** Another policy, for a lock that is free. Exclusive. */
static inline void im_raw_rwlock_set_policy(struct im_raw_rwlock *self, enum im_rwlock_policy policy)
{
    self->state = (uint32_t)policy;
}

#endif
