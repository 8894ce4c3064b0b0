/* SPDX-License-Identifier: MIT */
/*
 * The waiting of the futex lock.
 *
 * Who takes the lock. A newcomer needs a word that is zero but for PARKED: it may overtake those who sleep, and that is
 * what makes a short section cheap, as the line and the core stay with a thread that is awake. A thread that has slept
 * needs no owner only: HANDED and IMPATIENT keep newcomers away, not sleepers. A thread that never got to sleep, because the
 * word changed each time, may be impatient, too: then it takes what is not handed to another one.
 *
 * No wake-up is lost. As long as a thread sleeps, or is about to, one of these holds:
 *   - PARKED is set, and the lock has an owner, who will wake one thread when it unlocks;
 *   - PARKED is set, the lock is free, and a thread that has slept is awake, or newcomers are kept out for one that is;
 *   - an unlock has cleared PARKED and woken one thread, which is awake now;
 *   - a condvar has moved sleepers here and woken one of them, which is awake now (im_raw_futex_wait_moved(), condvar.c).
 * The thread that is awake passes the duty on whatever it does next: it takes the lock with PARKED set, sleeps again with PARKED
 * set, or gives up (a deadline) only while the lock has an owner, and with PARKED set; while it is free, a thread that has slept
 * takes it, deadline or not. So PARKED may be set for nobody, which costs one wake-up in vain, but is never missing.
 *
 * The last owner lets go by the one atomic change that also clears PARKED, and touches the word no more: waking needs
 * its address only. So who takes it next may end the lock. The exception is said in im_raw_futex_unlock_fair().
 *
 * Who waits looks at the word, less than once in a microsecond and ever more rarely (struct im_looks), before it sleeps, and again
 * after each sleep. Meanwhile one thread takes and leaves the lock some ten times without sharing its line; looking sooner
 * made it change hands for every section, with the line and the data, three times the cost. And to wake a thread costs who does it
 * a call of the system: so sleep is for sections that are longer than looking, or for more threads than cores.
 *
 * Nobody waits for ever. Sleepers are woken in the order in which they went to sleep. Who was woken too late goes to the end of the
 * queue, so it can be overtaken again and again; IM_FUTEX_PATIENCE_NS after it first slept it counts itself as IMPATIENT, when it has
 * been woken. From then on no newcomer takes the lock, so whoever leaves it has to sleep before it comes again. As a rule the impatient
 * one looks until the section of that moment has ended, and has it next. If that takes too long it sleeps: then each unlock serves a
 * thread that has slept, and the queue passes by once, until the impatient one has its turn, or gives up.
 * parking_lot hands over in about that rhythm, too; nsync (its MU_LONG_WAIT) counts failures instead of time.
 *
 * Orders: taking is acquire, letting go release; all other changes of the word are relaxed, they only carry duties, and
 * a read-modify-write always sees the latest. They stay in the release sequence of the last unlock.
 *
 * Sources: U. Drepper, "Futexes are tricky", 2011, mutex 2 and 3; Rust's std::sys::sync::mutex::futex; parking_lot; nsync.
 */
#include <errno.h>

#include <intermut/lock_probes.h>
#include <intermut/raw_futex.h>

/* As in parking_lot: long beside a switch of threads, short beside what a person or a time-out notices. */
#ifndef IM_FUTEX_PATIENCE_NS
#define IM_FUTEX_PATIENCE_NS 1000000u
#endif

/* How long one looks at the word before sleeping, also after each sleep. */
#ifndef IM_FUTEX_LOOKS_NS
#define IM_FUTEX_LOOKS_NS IM_LOOKS_ALL_NS
#endif

/* What a waiting thread knows of itself. */
struct waiter {
    uint32_t *word;
    uint64_t since_ns;     /* when it first went to sleep here; 0: not yet */
    struct im_looks looks; /* since it came, or woke */
    bool has_slept;
    bool is_impatient;
};

static bool may_take(const struct waiter *waiter, uint32_t seen)
{
    /* It was on the way to sleep, and never had the time to. */
    if (waiter->is_impatient && !waiter->has_slept)
        return !(seen & (IM__FUTEX_OWNERS | IM__FUTEX_HANDED));
    return waiter->has_slept ? !(seen & IM__FUTEX_OWNERS) : !(seen & ~IM__FUTEX_PARKED);
}

/* One try on a word that may be taken; what a waiter registered goes with it. */
static bool take(const struct waiter *waiter, uint32_t seen)
{
    uint32_t taken = seen + IM__FUTEX_OWNER;
    if (waiter->has_slept)
        taken = (taken | IM__FUTEX_PARKED) & ~IM__FUTEX_HANDED;
    if (waiter->is_impatient)
        taken -= IM__FUTEX_IMPATIENT;
    /* Acquire: meets the release of the unlock before. */
    return im_sync_compare_exchange_weak(waiter->word, &seen, taken, memory_order_acquire, memory_order_relaxed);
}

/* Give up, or take it after all: true. */
static bool leave(const struct waiter *waiter)
{
    uint32_t seen = im_sync_load(waiter->word, memory_order_relaxed);
    for (;;) {
        if (may_take(waiter, seen)) {
            if (take(waiter, seen))
                return true;
            seen = im_sync_load(waiter->word, memory_order_relaxed);
            continue;
        }
        if (!waiter->has_slept && !waiter->is_impatient)
            return false;
        uint32_t left = (seen | IM__FUTEX_PARKED) - (waiter->is_impatient ? IM__FUTEX_IMPATIENT : 0);
        /* Also where nothing is left to change: what was seen may be outdated, and the exchange is not. */
        if (im_sync_compare_exchange_weak(waiter->word, &seen, left, memory_order_relaxed, memory_order_relaxed))
            return false;
    }
}

/* Sleep, unless the word is not `seen` any more. */
static void sleep_on(struct waiter *waiter, uint32_t seen, uint64_t deadline_ns)
{
    uint32_t parked = seen | IM__FUTEX_PARKED;
    if (seen != parked &&
        !im_sync_compare_exchange(waiter->word, &seen, parked, memory_order_relaxed, memory_order_relaxed))
        return;
    if (waiter->since_ns == 0)
        waiter->since_ns = im_sync_now_ns();
    /* If the word has changed meanwhile it was not in the queue, and may not have what was handed to one who was. */
    if (im_sync_wait(waiter->word, parked, deadline_ns) != EAGAIN)
        waiter->has_slept = true;
    if (!waiter->is_impatient && im_sync_now_ns() - waiter->since_ns >= IM_FUTEX_PATIENCE_NS) {
        im_sync_fetch_add(waiter->word, IM__FUTEX_IMPATIENT, memory_order_relaxed);
        waiter->is_impatient = true;
    }
}

static void look_away(struct waiter *waiter, uint64_t deadline_ns)
{
    if (waiter->is_impatient)
        im_looks_pause_as_next(&waiter->looks, deadline_ns);
    else
        im_looks_pause(&waiter->looks, deadline_ns);
}

static bool wait_until(struct waiter waiter, uint64_t deadline_ns)
{
    for (;;) {
        uint32_t seen = im_sync_load(waiter.word, memory_order_relaxed);
        if (may_take(&waiter, seen)) {
            if (take(&waiter, seen))
                return true;
        } else if (deadline_ns != IM_SYNC_FOREVER && im_sync_now_ns() >= deadline_ns) {
            return leave(&waiter);
        } else if (!im_looks_are_spent(&waiter.looks, IM_FUTEX_LOOKS_NS)) {
            look_away(&waiter, deadline_ns);
        } else {
            sleep_on(&waiter, seen, deadline_ns);
            waiter.looks = (struct im_looks){0};
        }
    }
}

bool im_raw_futex_wait(const struct im_raw_futex *self, uint64_t deadline_ns)
{
    IM_LOCK_PROBE_WAIT(self);
    bool is_taken = wait_until((struct waiter){.word = im__raw_futex_word(self)}, deadline_ns);
    IM_LOCK_PROBE_WAITED(self, is_taken);
    return is_taken;
}

void im_raw_futex_wait_moved(const struct im_raw_futex *self)
{
    IM_LOCK_PROBE_WAIT(self);
    wait_until((struct waiter){.word = im__raw_futex_word(self), .has_slept = true}, IM_SYNC_FOREVER);
    IM_LOCK_PROBE_WAITED(self, true);
}

bool im_raw_futex_barge(const struct im_raw_futex *self)
{
    const struct waiter newcomer = {.word = im__raw_futex_word(self)};
    uint32_t seen = im_sync_load(newcomer.word, memory_order_relaxed);
    while (may_take(&newcomer, seen)) {
        if (take(&newcomer, seen))
            return true;
        seen = im_sync_load(newcomer.word, memory_order_relaxed);
    }
    return false;
}

/* The end of one owner; what is to be set when it is the last one, and somebody sleeps. */
static bool release(uint32_t *word, uint32_t handed, bool *has_handed)
{
    uint32_t seen = im_sync_load(word, memory_order_relaxed), left;
    do {
        *has_handed = false;
        if (!(seen & IM__FUTEX_OWNERS))
            return false;
        left = seen - IM__FUTEX_OWNER;
        if (!(left & IM__FUTEX_OWNERS) && (seen & IM__FUTEX_PARKED)) {
            left = (left & ~IM__FUTEX_PARKED) | handed;
            *has_handed = true;
        }
        /* Release: for the acquires in take() and im__raw_futex_take(). */
    } while (!im_sync_compare_exchange_weak(word, &seen, left, memory_order_release, memory_order_relaxed));
    return true;
}

bool im_raw_futex_release(const struct im_raw_futex *self)
{
    uint32_t *word = im__raw_futex_word(self);
    bool has_sleepers;
    bool was_locked = release(word, 0, &has_sleepers);
    if (has_sleepers) {
        IM_LOCK_PROBE_WAKE(self);
        im_sync_wake(word, 1);
    }
    return was_locked;
}

/* Nobody slept for whom the lock was kept: open it, and wake who has come to sleep because of that. */
static void take_back(uint32_t *word)
{
    uint32_t seen = im_sync_load(word, memory_order_relaxed), left;
    do {
        if (!(seen & IM__FUTEX_HANDED))
            return;
        left = seen & ~(IM__FUTEX_HANDED | IM__FUTEX_PARKED);
    } while (!im_sync_compare_exchange_weak(word, &seen, left, memory_order_relaxed, memory_order_relaxed));
    if (seen & IM__FUTEX_PARKED)
        im_sync_wake(word, 1);
}

bool im_raw_futex_release_fair(const struct im_raw_futex *self)
{
    uint32_t *word = im__raw_futex_word(self);
    bool has_handed;
    bool was_locked = release(word, IM__FUTEX_HANDED, &has_handed);
    if (has_handed)
        IM_LOCK_PROBE_WAKE(self);
    if (has_handed && im_sync_wake(word, 1) == 0)
        take_back(word);
    return was_locked;
}
