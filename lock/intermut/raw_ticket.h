/* SPDX-License-Identifier: MIT */
/**
 * @file raw_ticket.h
 * A spin lock that serves in the order of arrival: every waiter knows how many are before it.
 *
 * A raw lock (<intermut/raw_lock.h>): `im_mutex_of(im_raw_ticket, T)`. Four bytes. For short sections and no more threads
 * than cores: the next in turn must have its core, and all others wait for it. Who waits with a deadline takes no ticket, since
 * one cannot be given back: it comes in only when nobody waits. Up to 65535 threads.
 *
 * The word is two numbers: the ticket that is served, in the lower half, and the next one to be drawn, in the upper half.
 * They are equal when the lock is free. Drawing adds to the upper half, which overflows out of the word. Only the holder
 * changes the lower half; its carry is kept in by the compare-exchange.
 * Source: D. P. Reed and R. K. Kanodia, "Synchronization with eventcounts and sequencers", CACM 1979; the kernel's ticket
 * spinlocks.
 */
#ifndef INTERMUT_RAW_TICKET_H
#define INTERMUT_RAW_TICKET_H

#include <intermut/lock_tools.h>
#include <intermut/raw_lock.h>

/** Zeroed is unlocked. */
struct IM_CAPABILITY("lock") im_raw_ticket {
    uint32_t word;
};

#define IM__TICKET_DRAWN UINT32_C(0x10000)

IM_BEGIN_DECLS

/** Wait until `ticket` is served. */
IM_COLD void im_raw_ticket_wait(const struct im_raw_ticket *self, uint32_t ticket);

/** Spin until it is free for somebody without a ticket, or `deadline_ns` has come; true: taken. */
IM_COLD bool im_raw_ticket_spin(const struct im_raw_ticket *self, uint64_t deadline_ns);

IM_END_DECLS

static inline uint32_t *im__raw_ticket_word(const struct im_raw_ticket *self)
{
    return (uint32_t *)im_unsafe_unconst(&self->word);
}

static inline uint32_t im__raw_ticket_served(uint32_t word)
{
    return word % IM__TICKET_DRAWN;
}

static inline uint32_t im__raw_ticket_drawn(uint32_t word)
{
    return word / IM__TICKET_DRAWN;
}

static inline bool im_raw_ticket_is_locked(const struct im_raw_ticket *self)
{
    uint32_t word = im_sync_load(&self->word, memory_order_relaxed);
    return im__raw_ticket_drawn(word) != im__raw_ticket_served(word);
}

static inline bool im_raw_ticket_is_contended(const struct im_raw_ticket *self)
{
    uint32_t word = im_sync_load(&self->word, memory_order_relaxed);
    return (uint16_t)(im__raw_ticket_drawn(word) - im__raw_ticket_served(word)) > 1;
}

IM_INLINE void im_raw_ticket_lock(const struct im_raw_ticket *self) IM_RAW_TAKES
{
    im_lock_tools_are_atomics(self, sizeof *self);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_WRITE);
    /* Acquire: when the ticket is served at once; meets the release in im_raw_ticket_unlock(). */
    uint32_t word = im_sync_fetch_add(im__raw_ticket_word(self), IM__TICKET_DRAWN, memory_order_acquire);
    if (IM_UNLIKELY(im__raw_ticket_drawn(word) != im__raw_ticket_served(word)))
        im_raw_ticket_wait(self, im__raw_ticket_drawn(word));
    im_lock_tools_locked(self, IM_LOCK_TOOLS_WRITE, true);
}

/* Take it if nobody has it or waits for it. Acquire: meets the release in im_raw_ticket_unlock(). */
static inline bool im__raw_ticket_take(const struct im_raw_ticket *self)
{
    uint32_t word = im_sync_load(&self->word, memory_order_relaxed);
    return im__raw_ticket_drawn(word) == im__raw_ticket_served(word) &&
           im_sync_compare_exchange(im__raw_ticket_word(self), &word, word + IM__TICKET_DRAWN, memory_order_acquire,
                                    memory_order_relaxed);
}

IM_MUST_CHECK IM_INLINE bool im_raw_ticket_try_lock(const struct im_raw_ticket *self) IM_RAW_TRIES
{
    im_lock_tools_are_atomics(self, sizeof *self);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_TRY);
    bool taken = im__raw_ticket_take(self);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_TRY, taken);
    return taken;
}

IM_MUST_CHECK static inline bool im_raw_ticket_lock_until(const struct im_raw_ticket *self,
                                                          uint64_t deadline_ns) IM_RAW_TRIES
{
    if (deadline_ns == IM_SYNC_FOREVER) {
        im_raw_ticket_lock(self);
        return true;
    }
    im_lock_tools_are_atomics(self, sizeof *self);
    im_lock_tools_locking(self, IM_LOCK_TOOLS_TRY);
    bool taken = IM_LIKELY(im__raw_ticket_take(self)) || im_raw_ticket_spin(self, deadline_ns);
    im_lock_tools_locked(self, IM_LOCK_TOOLS_TRY, taken);
    return taken;
}

IM_INLINE bool im_raw_ticket_unlock(const struct im_raw_ticket *self) IM_RAW_GIVES
{
    uint32_t word = im_sync_load(&self->word, memory_order_relaxed), next;
    if (IM_UNLIKELY(im__raw_ticket_drawn(word) == im__raw_ticket_served(word)))
        return false;
    im_lock_tools_unlocking(self, IM_LOCK_TOOLS_WRITE);
    do
        next = (word & ~(IM__TICKET_DRAWN - 1)) | im__raw_ticket_served(word + 1);
    /* Release: for the acquires of the next one. Weak: others draw meanwhile. */
    while (!im_sync_compare_exchange_weak(im__raw_ticket_word(self), &word, next, memory_order_release,
                                          memory_order_relaxed));
    im_lock_tools_unlocked(self, IM_LOCK_TOOLS_WRITE);
    return true;
}

/** The next in turn has it next in any case. */
static inline bool im_raw_ticket_unlock_fair(const struct im_raw_ticket *self) IM_RAW_GIVES
{
    return im_raw_ticket_unlock(self);
}

static inline void im__raw_ticket_reset(const void *lock)
{
    im_lock_tools_unlocking(lock, IM_LOCK_TOOLS_WRITE);
    im_sync_store(im__raw_ticket_word((const struct im_raw_ticket *)lock), 0, memory_order_relaxed);
    im_lock_tools_unlocked(lock, IM_LOCK_TOOLS_WRITE);
}

IM_RAW_LOCK(im_raw_ticket, .reset = im__raw_ticket_reset);

#endif
