/* SPDX-License-Identifier: MIT */
/*
 * The read-write lock whose readers share nothing: slots, opening and closing.
 *
 * ## Who may run with whom
 *
 * A reader is in by the central lock, as any other, or by a slot: it stored the lock's address there, and after a light
 * fence found the lock open. A writer has the central lock, so no reader is in by that one; it stores that the lock is
 * closing, and after a heavy fence looks at all slots. Of the two that store and then look at least one sees the other:
 * the reader, that the lock is no longer open, then it takes its slot back; or the writer, that there is a reader, then it
 * waits for the slot. Only a reader opens the lock, while it is in by the central lock, hence while there is no writer. So
 * during a write section the lock is closed, and stays so.
 *
 * CLOSING is left behind by a writer that gave up waiting: readers may still be in by their slots, so the next writer
 * looks again. CLOSED says that none is, and no writer need look.
 *
 * An upgradable reader has the central lock in its own way, beside readers of both kinds; it closes when it upgrades.
 *
 * A thread that reads what it reads already counts that beside its slot, whatever a writer does meanwhile: it would wait
 * for itself. That can be the slot only; who is in by the central lock keeps writers from closing.
 *
 * ## Slots
 *
 * A thread takes 64 bytes with four slots when it first needs one, and gives them back when it ends. There are 256 of
 * these; the writer looks at those that ever were taken. They never go away, so a reader that has left touches only what is
 * its own: the lock may be gone. A reader that ends without leaving is made one of the central lock, which stays held; so
 * are, in the child of a fork(), those of its parent's other threads, whose slots are free for new ones there.
 *
 * ## Waiting
 *
 * The writer makes the reader's watch odd and, after a heavy fence, sleeps on it if the slot still has its lock. The reader
 * clears its slot, and after a light fence moves an odd watch on to the next even number, and wakes all. Again one of them
 * sees the other. It is a number and not a mark, since writers of two locks may watch one reader: when it has left
 * one of them, the writer of the other one may mark it again before the first one is asleep, who then sleeps too long.
 *
 * ## Cost
 *
 * A read and its end are two stores and four loads in lines that nobody else writes. The first write after many reads
 * has two fences that interrupt all cores; the next ones are as cheap as those of the central lock, as long as there are not
 * some thousand reads between two of them.
 *
 * Progress: as the central lock, but that a writer waits for readers that came in by slots before it closed the lock.
 *
 * Source: D. Dice, A. Kogan, "BRAVO: Biased Locking for Reader-Writer Locks", USENIX ATC 2019. There the slots are hashed
 * and shared by all threads, reads cost a compare-exchange, and time, not counting, opens the lock again.
 */
#include <intermut/raw_sharded_rwlock.h>

#include <intermut/backoff.h>

#ifndef IM_SYNC_HEADER
#include <pthread.h>
#endif

/* How long a writer looks at a slot before it sleeps. */
#ifndef IM_RWLOCK_LOOKS_NS
#define IM_RWLOCK_LOOKS_NS IM_LOOKS_ALL_NS
#endif

enum { SLOTS = IM_SHARDED_RWLOCK_SLOTS };

static struct im__sharded_reader readers[IM_SHARDED_RWLOCK_THREADS];
/* How many of them were ever taken: never goes down. */
static uint32_t readers_used;

/* ---- A thread and its slots ---- */

#ifdef IM_SYNC_HEADER
static bool come_back_when_this_thread_ends(struct im__sharded_reader *reader)
{
    return reader != NULL;
}
#else

__thread struct im__sharded_reader *im__sharded_this_thread;
/* This thread is about to end, and gets no slots any more. */
static __thread bool is_ending;

static pthread_key_t end_of_thread;
static bool has_end_of_thread;

/* Its thread is gone: what it still reads is read for ever, by the central lock, and another thread may have its slots. */
static void abandon(struct im__sharded_reader *reader)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        const struct im_raw_sharded_rwlock *lock = im_sync_load(&reader->slots[i], memory_order_relaxed);
        if (!lock)
            continue;
        im_sync_fetch_add(im__rwlock_word(&lock->central), 1 + reader->more[i], memory_order_relaxed);
        reader->more[i] = 0;
        im__sharded_clear(reader, i);
    }
    /* Release: pairs with the acquire of the thread that takes it next. */
    im_sync_store(&reader->is_taken, 0, memory_order_release);
}

static void give_back(void *taken)
{
    is_ending = true;
    im__sharded_this_thread = NULL;
    abandon((struct im__sharded_reader *)taken);
}

/* In the child of a fork(), where this thread is the only one. */
static void abandon_those_of_others(void)
{
    for (uint32_t at = 0; at < im_sync_load(&readers_used, memory_order_relaxed); at++) {
        if (&readers[at] != im__sharded_this_thread)
            abandon(&readers[at]);
    }
}

__attribute__((constructor)) static void begin(void)
{
    has_end_of_thread = pthread_key_create(&end_of_thread, give_back) == 0;
    pthread_atfork(NULL, NULL, abandon_those_of_others);
}

static bool come_back_when_this_thread_ends(struct im__sharded_reader *reader)
{
    return has_end_of_thread && !is_ending && pthread_setspecific(end_of_thread, reader) == 0;
}
#endif

/* Let writers look at the first `count` readers. */
static void use(uint32_t count)
{
    uint32_t used = im_sync_load(&readers_used, memory_order_relaxed);
    while (used < count &&
           !im_sync_compare_exchange_weak(&readers_used, &used, count, memory_order_relaxed, memory_order_relaxed))
        continue;
}

static struct im__sharded_reader *take_slots(void)
{
    for (uint32_t i = 0; i < IM_SHARDED_RWLOCK_THREADS; i++) {
        struct im__sharded_reader *reader = &readers[i];
        /* Acquire: pairs with the release of the thread that gave it back. */
        if (im_sync_load(&reader->is_taken, memory_order_relaxed) != 0 ||
            im_sync_exchange(&reader->is_taken, 1, memory_order_acquire) != 0)
            continue;
        if (!come_back_when_this_thread_ends(reader)) {
            im_sync_store(&reader->is_taken, 0, memory_order_release);
            return NULL;
        }
        im_sync_light_fence_begin();
        use(i + 1);
        /* The light fence in im__sharded_enter() is between this and the look at the lock: a writer sees `readers_used`. */
        return *im__sharded_self() = reader;
    }
    return NULL;
}

static struct im__sharded_reader *slots_of_this_thread(void)
{
    struct im__sharded_reader *reader = *im__sharded_self();
    return reader ? reader : take_slots();
}

/* The slot of this thread that has `lock`, or is free if `lock` is NULL; SLOTS when there is none. */
static unsigned find(const struct im__sharded_reader *reader, const struct im_raw_sharded_rwlock *lock)
{
    unsigned i = 0;
    while (i < SLOTS && im_sync_load(&reader->slots[i], memory_order_relaxed) != lock)
        i++;
    return i;
}

/* ---- Readers ---- */

/* In by a slot: as one more read of this thread, or because the lock is open. */
static bool enter_by_slot(const struct im_raw_sharded_rwlock *self)
{
    struct im__sharded_reader *reader = slots_of_this_thread();
    if (!reader)
        return false;
    unsigned mine = find(reader, self), unused;
    if (mine < SLOTS && reader->more[mine] < IM_RWLOCK_MAX_READERS) {
        reader->more[mine]++;
        return true;
    }
    return im_sync_load(&self->openness, memory_order_relaxed) == IM__SHARDED_OPEN &&
           (unused = find(reader, NULL)) < SLOTS && im__sharded_enter(reader, unused, self);
}

/* For a reader that is in by the central lock. */
static void count_calm(const struct im_raw_sharded_rwlock *self)
{
    uint32_t *calm = (uint32_t *)im_unsafe_unconst(&self->calm);
    if (im_sync_load(&self->openness, memory_order_relaxed) == IM__SHARDED_OPEN)
        return;
    /* Relaxed, and not one step: it is a rough number. */
    uint32_t reads = im_sync_load(calm, memory_order_relaxed) + 1;
    im_sync_store(calm, reads, memory_order_relaxed);
    if (reads >= IM_SHARDED_RWLOCK_CALM_READS)
        /* Release: pairs with the acquire in im__sharded_enter(). */
        im_sync_store(im__sharded_openness_of(self), IM__SHARDED_OPEN, memory_order_release);
}

bool im__sharded_read_slow(const struct im_raw_sharded_rwlock *self, uint32_t gate, uint64_t deadline_ns)
{
    if (enter_by_slot(self))
        return true;
    if (!im__rwlock_read(&self->central, gate, deadline_ns))
        return false;
    count_calm(self);
    return true;
}

bool im__sharded_try_read_slow(const struct im_raw_sharded_rwlock *self, uint32_t gate)
{
    if (enter_by_slot(self))
        return true;
    if (!im__rwlock_try_read(&self->central, gate))
        return false;
    count_calm(self);
    return true;
}

bool im__sharded_read_leave_slow(const struct im_raw_sharded_rwlock *self)
{
    struct im__sharded_reader *reader = *im__sharded_self();
    unsigned i = reader ? find(reader, self) : SLOTS;
    if (i == SLOTS)
        return im__rwlock_read_leave(&self->central);
    if (reader->more[i] > 0)
        reader->more[i]--;
    else
        im__sharded_clear(reader, i);
    return true;
}

/* ---- Writers ---- */

void im__sharded_wake_writers(struct im__sharded_reader *reader)
{
    uint32_t watch = im_sync_load(&reader->watch, memory_order_relaxed);
    /* Relaxed: who is woken looks at the slot. */
    while ((watch & 1) != 0 && !im_sync_compare_exchange_weak(&reader->watch, &watch, watch + 1, memory_order_relaxed,
                                                              memory_order_relaxed))
        continue;
    if ((watch & 1) != 0)
        im_sync_wake(&reader->watch, IM_SYNC_ALL);
}

/* Whether this slot has the lock. Acquire: pairs with the release in im__sharded_clear(). */
static bool has(const struct im__sharded_reader *reader, unsigned i, const struct im_raw_sharded_rwlock *lock)
{
    return im_sync_load(&reader->slots[i], memory_order_acquire) == lock;
}

/* False: too late. */
static bool wait_for_slot(struct im__sharded_reader *reader, unsigned i, const struct im_raw_sharded_rwlock *lock,
                          uint64_t deadline_ns)
{
    struct im_looks looks = {0};
    while (!im_looks_are_spent(&looks, IM_RWLOCK_LOOKS_NS) && has(reader, i, lock))
        im_looks_pause_as_next(&looks, deadline_ns);
    while (has(reader, i, lock)) {
        uint32_t watch = im_sync_fetch_or(&reader->watch, 1, memory_order_relaxed) | 1;
        im_sync_heavy_fence();
        if (has(reader, i, lock) && im_sync_wait(&reader->watch, watch, deadline_ns) == ETIMEDOUT)
            return !has(reader, i, lock);
    }
    return true;
}

static void begin_to_close(const struct im_raw_sharded_rwlock *self)
{
    im_sync_store((uint32_t *)im_unsafe_unconst(&self->calm), 0, memory_order_relaxed);
    im_sync_store(im__sharded_openness_of(self), IM__SHARDED_CLOSING, memory_order_relaxed);
    im_sync_heavy_fence();
}

/* The only writer of `openness` now; who opens it comes later, by the central lock. */
static void end_to_close(const struct im_raw_sharded_rwlock *self)
{
    im_sync_store(im__sharded_openness_of(self), IM__SHARDED_CLOSED, memory_order_relaxed);
}

bool im__sharded_close(const struct im_raw_sharded_rwlock *self, uint64_t deadline_ns)
{
    if (im_sync_load(&self->openness, memory_order_relaxed) == IM__SHARDED_CLOSED) {
        im_sync_store((uint32_t *)im_unsafe_unconst(&self->calm), 0, memory_order_relaxed);
        return true;
    }
    begin_to_close(self);
    /* Relaxed: behind the fence. */
    const uint32_t used = im_sync_load(&readers_used, memory_order_relaxed);
    for (uint32_t at = 0; at < used; at++)
        for (unsigned i = 0; i < SLOTS; i++)
            if (!wait_for_slot(&readers[at], i, self, deadline_ns))
                return false;
    end_to_close(self);
    return true;
}

bool im__sharded_is_read(const struct im_raw_sharded_rwlock *self)
{
    const uint32_t used = im_sync_load(&readers_used, memory_order_relaxed);
    for (uint32_t at = 0; at < used; at++)
        for (unsigned i = 0; i < SLOTS; i++)
            if (has(&readers[at], i, self))
                return true;
    return false;
}

bool im__sharded_try_close(const struct im_raw_sharded_rwlock *self)
{
    if (im_sync_load(&self->openness, memory_order_relaxed) != IM__SHARDED_CLOSED) {
        begin_to_close(self);
        if (im__sharded_is_read(self))
            return false;
        end_to_close(self);
    }
    im_sync_store((uint32_t *)im_unsafe_unconst(&self->calm), 0, memory_order_relaxed);
    return true;
}
