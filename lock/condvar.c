/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a condition: raw_condvar.h says why no notification is missed.
 *
 * No herd. Only one thread at a time can have the lock, so to wake all that wait is to wake many for nothing. Where the lock
 * is a futex whose word may have sleepers that it did not send to sleep (its operations have lock_moved), notify_all wakes one,
 * and moves all others to the lock's word, in one step of the kernel. Who was woken takes the lock as one that has slept, that is,
 * so that its unlock wakes the next one; that one does the same, and so on: raw_futex.c has the invariant. So the notifier does not
 * touch the word of the lock, and need not hold it. Whoever is moved, is moved together with one that is woken, or later than
 * one that has been woken: the chain has its head. With other locks all are woken.
 *
 * Who has been moved, must know: had it come as a newcomer, it would not wake the next one, and would not take a lock that is kept
 * for who has slept. It cannot see where it slept. So MOVED, in `sequence`, is set before anybody is moved, and stays as long as
 * somebody waits who was there then: until the last one leaves. Who has slept looks at it by a read-modify-write, which sees
 * the latest value, as all changes of `sequence` are such. MOVED for nobody costs one wake-up in vain, and a condvar that
 * somebody always waits at keeps it: notify_one would have been enough for all before the first notify_all.
 *
 * Nobody is moved to a lock that is not its own, or without MOVED. The kernel moves only while `sequence` is what the notifier
 * expects, with MOVED and MOVES in it. MOVED is cleared when the last waiter leaves, and when the first one comes with another
 * lock, or another kind of lock at that address; and the same value does not come back, as a notifier who sets MOVED counts, too.
 * `lock` changes before that, with a release for the acquire of a notifier: one that expects a newer value has seen the new
 * lock. One that has seen the new lock too early finds nobody to move.
 * Then the notifier looks again. MOVED is gone: all that it was to notify have left. Else it moves those that it finds, also
 * newer ones; they return for nothing, which waits may.
 *
 * A sleeper that has been moved gives up, or is interrupted, as it would have been here; it takes no wake-up with it.
 */
#include <intermut/raw_condvar.h>

static struct im_raw_condvar *changeable(const struct im_raw_condvar *self)
{
    return (struct im_raw_condvar *)im_unsafe_unconst(self);
}

static uint32_t moves(const struct im_raw_lock_ops *ops)
{
    return ops->lock_moved ? IM__CONDVAR_MOVES : 0;
}

static void change_lock(const struct im_raw_condvar *self, const void *lock, const struct im_raw_lock_ops *ops)
{
    im_sync_store(&changeable(self)->lock, lock, memory_order_relaxed);
    uint32_t seen = im_sync_load(&self->sequence, memory_order_relaxed), changed;
    do
        changed = (seen & ~(IM__CONDVAR_MOVED | IM__CONDVAR_MOVES)) | moves(ops);
    /* Release: for the acquires in notify_all(), which reads `lock`. */
    while (!im_sync_compare_exchange_weak(&changeable(self)->sequence, &seen, changed, memory_order_release,
                                          memory_order_relaxed));
}

/* One waiter more, with the lock held. */
static void enter(const struct im_raw_condvar *self, const void *lock, const struct im_raw_lock_ops *ops,
                  const struct im_place *place)
{
    bool is_same = im_sync_load(&self->lock, memory_order_relaxed) == lock;
    if (im_sync_load(&self->waiters, memory_order_relaxed) != 0) {
        if (!is_same)
            im_lock_refuse("wait", "others wait there with another mutex", place);
    } else if (!is_same || (im_sync_load(&self->sequence, memory_order_relaxed) & IM__CONDVAR_MOVES) != moves(ops)) {
        change_lock(self, lock, ops);
    }
    im_sync_fetch_add(&changeable(self)->waiters, 1, memory_order_relaxed);
}

/* And one less. */
static void depart(const struct im_raw_condvar *self)
{
    if (im_sync_fetch_sub(&changeable(self)->waiters, 1, memory_order_relaxed) == 1 &&
        (im_sync_load(&self->sequence, memory_order_relaxed) & IM__CONDVAR_MOVED))
        im_sync_fetch_and(&changeable(self)->sequence, ~IM__CONDVAR_MOVED, memory_order_relaxed);
}

/* After a sleep, here or where it was moved to. */
static void lock_again(const struct im_raw_condvar *self, const void *lock, const struct im_raw_lock_ops *ops)
{
    /* Adds nothing: it is the read that sees the latest value, whoever woke this thread. */
    if (ops->lock_moved &&
        (im_sync_fetch_add(&changeable(self)->sequence, 0, memory_order_relaxed) & IM__CONDVAR_MOVED))
        ops->lock_moved(lock);
    else
        ops->lock(lock);
}

int im_raw_condvar_wait(const struct im_raw_condvar *self, const void *lock, const struct im_raw_lock_ops *ops,
                        uint64_t deadline_ns, const struct im_place *place)
{
    if (!ops->is_locked(lock))
        im_lock_refuse("wait", "the mutex is not locked", place);
    if (ops->is_shared && ops->is_shared(lock))
        im_lock_refuse("wait", "a guard of the mutex was split", place);
    bool was_poisoned = im_raw_mutex_is_poisoned(lock, ops);
    enter(self, lock, ops, place);
    uint32_t sequence = im_sync_load(&self->sequence, memory_order_relaxed);
    /* The hooks of the checked build are around this function, where the caller was compiled for it. */
    ops->unlock(lock);
    int error;
    bool has_slept = false;
    do {
        error = im_sync_wait(&self->sequence, sequence, deadline_ns);
        has_slept |= error != EAGAIN;
    } while (error == EINTR);
    if (has_slept)
        lock_again(self, lock, ops);
    else
        ops->lock(lock);
    depart(self);
    if (!was_poisoned && im_raw_mutex_is_poisoned(lock, ops))
        im_raw_mutex_refuse_poisoned(lock, ops, "wait", place);
    return error == ETIMEDOUT ? ETIMEDOUT : 0;
}

/* Relaxed: what there is to see is behind the lock. */
static void notify_one(const struct im_raw_condvar *self)
{
    im_sync_fetch_add(&changeable(self)->sequence, IM__CONDVAR_NOTIFIED, memory_order_relaxed);
    im_sync_wake(&self->sequence, 1);
}

static void notify_all(const struct im_raw_condvar *self)
{
    uint32_t seen = im_sync_load(&self->sequence, memory_order_relaxed), told;
    do
        told = (seen + IM__CONDVAR_NOTIFIED) | (seen & IM__CONDVAR_MOVES ? IM__CONDVAR_MOVED : 0);
    /* Acquire: meets the release in change_lock(). */
    while (!im_sync_compare_exchange_weak(&changeable(self)->sequence, &seen, told, memory_order_acquire,
                                          memory_order_relaxed));
    if (!(told & IM__CONDVAR_MOVES)) {
        im_sync_wake(&self->sequence, IM_SYNC_ALL);
        return;
    }
    while (told & IM__CONDVAR_MOVED) {
        const uint32_t *word = im_sync_load(&self->lock, memory_order_relaxed);
        if (im_sync_requeue(&self->sequence, told, 1, word) == 0)
            return;
        /* Acquire: as above. */
        told = im_sync_load(&self->sequence, memory_order_acquire);
    }
}

void im_raw_condvar_wake(const struct im_raw_condvar *self, int count)
{
    if (count == 1)
        notify_one(self);
    else
        notify_all(self);
}

void im_raw_condvar_destroy(struct im_raw_condvar *self, const struct im_place *place)
{
    if (im_sync_load(&self->waiters, memory_order_relaxed) > 0)
        im_lock_refuse("destroy", "somebody waits there", place);
}
