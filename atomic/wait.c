/* SPDX-License-Identifier: MIT */
/* Sleeping until a value changes: <intermut/atomic_wait.h> has the algorithm, and why no wake-up is lost. */
#include <intermut/atomic_wait.h>

static struct im_atomic_wait_queue *queue_of(const void *object)
{
    _Static_assert(IM_ATOMIC_WAIT_QUEUES == 1 << (64 - 58), "the hash has as many bits as there are queues");
    return &im_atomic_table.queue[im__atomic_hash(object) >> 58];
}

uint64_t im_raw_atomic_deadline(uint64_t ns)
{
    uint64_t now = im_sync_now_ns();
    return ns < IM_SYNC_FOREVER - now ? now + ns : IM_SYNC_FOREVER;
}

/*
 * wakes has 32 bits, because a futex has: a thread that is stopped for exactly 2^32 wake-ups of its queue (minutes, at a
 * system call each) between its look and its sleep would sleep until the next one.
 */
bool im_raw_atomic_wait_again(struct im_raw_atomic_waiter *waiter, const void *object, bool is_futex, uint32_t value,
                              uint64_t deadline_ns)
{
    if (waiter->is_late)
        return false;
    if (!waiter->queue) {
        waiter->queue = queue_of(object);
        /* Acquire: pairs with the release in im_raw_atomic_wake() when that was first. */
        im_sync_fetch_add(&waiter->queue->waiting, 1, memory_order_acquire);
    } else if (is_futex) {
        waiter->is_late = im_sync_wait(object, value, deadline_ns) == ETIMEDOUT;
    } else {
        waiter->is_late = im_sync_wait(&waiter->queue->wakes, waiter->wakes, deadline_ns) == ETIMEDOUT;
    }
    /* Acquire: pairs with the release in im_raw_atomic_wake(): who has seen its increment sees its change, too. */
    waiter->wakes = im_sync_load(&waiter->queue->wakes, memory_order_acquire);
    return true;
}

void im_raw_atomic_wait_end(struct im_raw_atomic_waiter *waiter)
{
    if (waiter->queue)
        im_sync_fetch_sub(&waiter->queue->waiting, 1, memory_order_relaxed);
}

void im_raw_atomic_wake(const void *object, bool is_futex, int count)
{
    struct im_atomic_wait_queue *queue = queue_of(object);
    /* Release: pairs with the acquire in im_raw_atomic_wait_again() when that comes later. */
    if (im_sync_fetch_add(&queue->waiting, 0, memory_order_release) == 0)
        return;
    if (is_futex) {
        im_sync_wake(object, count);
    } else {
        /* Release: pairs with the acquire in im_raw_atomic_wait_again(). */
        im_sync_fetch_add(&queue->wakes, 1, memory_order_release);
        im_sync_wake(&queue->wakes, IM_SYNC_ALL);
    }
}
