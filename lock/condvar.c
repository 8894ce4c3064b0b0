/* SPDX-License-Identifier: MIT */
/* Waiting for a condition: raw_condvar.h says why no notification is missed. */
#include <intermut/raw_condvar.h>

static struct im_raw_condvar *changeable(const struct im_raw_condvar *self)
{
    return (struct im_raw_condvar *)im_unsafe_unconst(self);
}

/* One waiter more, with the lock held. */
static void enter(const struct im_raw_condvar *self, const void *lock, const struct im_place *place)
{
    if (im_sync_load(&self->waiters, memory_order_relaxed) == 0)
        im_sync_store(&changeable(self)->lock, lock, memory_order_relaxed);
    else if (im_sync_load(&self->lock, memory_order_relaxed) != lock)
        im_lock_refuse("wait", "others wait there with another mutex", place);
    im_sync_fetch_add(&changeable(self)->waiters, 1, memory_order_relaxed);
}

int im_raw_condvar_wait(const struct im_raw_condvar *self, const void *lock, const struct im_raw_lock_ops *ops,
                        uint64_t deadline_ns, const struct im_place *place)
{
    if (!ops->is_locked(lock))
        im_lock_refuse("wait", "the mutex is not locked", place);
    if (ops->is_shared && ops->is_shared(lock))
        im_lock_refuse("wait", "a guard of the mutex was split", place);
    bool was_poisoned = im_raw_mutex_is_poisoned(lock, ops);
    enter(self, lock, place);
    uint32_t sequence = im_sync_load(&self->sequence, memory_order_relaxed);
    /* The hooks of the checked build are around this function, where the caller was compiled for it. */
    ops->unlock(lock);
    int error;
    do
        error = im_sync_wait(&self->sequence, sequence, deadline_ns);
    while (error == EINTR);
    ops->lock(lock);
    im_sync_fetch_sub(&changeable(self)->waiters, 1, memory_order_relaxed);
    if (!was_poisoned && im_raw_mutex_is_poisoned(lock, ops))
        im_raw_mutex_refuse_poisoned(lock, ops, "wait", place);
    return error == ETIMEDOUT ? ETIMEDOUT : 0;
}

void im_raw_condvar_wake(const struct im_raw_condvar *self, int count)
{
    /* Relaxed: what there is to see is behind the lock. */
    im_sync_fetch_add(&changeable(self)->sequence, 1, memory_order_relaxed);
    im_sync_wake(&self->sequence, count);
}

void im_raw_condvar_destroy(struct im_raw_condvar *self, const struct im_place *place)
{
    if (im_sync_load(&self->waiters, memory_order_relaxed) > 0)
        im_lock_refuse("destroy", "somebody waits there", place);
}
