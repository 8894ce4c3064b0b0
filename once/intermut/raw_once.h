/* SPDX-License-Identifier: MIT */
/**
 * @file raw_once.h
 * The state behind im_once, im_lazy and im_mut_once: whether there is a value, and who makes it. Knows nothing of the
 * value.
 *
 * Programs use <intermut/once.h>, <intermut/lazy.h> or <intermut/mut_once.h>; this is what their macros call.
 *
 * One word says everything that more than one thread has to agree on:
 *
 *     FULL       there is a value, and it stays
 *     RUNNING    somebody makes it: the upper 27 bits are that thread's im_sync_thread_serial()
 *     WAITERS    somebody may be asleep on the word
 *     POISONED   an initialiser was left early, and this cell minds (POISONS)
 *
 * An unsync cell uses the same bits without a thread. `place` is where the initialiser that runs was begun, or the one
 * that poisoned the cell; it is written by who has just set RUNNING.
 *
 * once.c has the essay: who may run with whom, and why.
 */
#ifndef INTERMUT_RAW_ONCE_H
#define INTERMUT_RAW_ONCE_H

#include <errno.h>
#include <stdint.h>

#include <intermut/checked.h>
#include <intermut/sync.h>
#include <intermut/thread_of_use.h>
#include <intermut/unsafe_cell.h>

/** Zeroed is empty. */
struct im_raw_once {
    uint32_t state;
    const struct im_place *place;
};

enum {
    IM_ONCE_FULL = 1 << 0,
    IM_ONCE_RUNNING = 1 << 1,
    IM_ONCE_WAITERS = 1 << 2,
    IM_ONCE_POISONED = 1 << 3,
    IM_ONCE_POISONS = 1 << 4,
    IM_ONCE_OWNER_SHIFT = 32 - IM_SYNC_SERIAL_BITS
};

/** Whether threads share a cell. A constant wherever it is passed. */
enum im_once_sharing { IM_ONCE_SYNC, IM_ONCE_UNSYNC };

IM_BEGIN_DECLS

/*
 * Sync cells. All of these are shared and thread-safe. `place` is where the program asks.
 */

/**
 * Become the one who makes the value: 0, and then im_raw_once_finish() or im_raw_once_abandon() follows. Otherwise
 * EEXIST: there is a value; EDEADLK: it would wait for itself; ENOTRECOVERABLE: poisoned. Waits for an initialiser
 * that runs. Order: acquire; pairs with the release in either end of the initialiser before.
 */
int im_raw_once_begin(const struct im_raw_once *self, const struct im_place *place);

/** The value is whole. Order: release; pairs with the acquire in im_raw_once_is_full() and of whoever waits. */
void im_raw_once_finish(const struct im_raw_once *self);

/** There is no value after all, and others may try; `left_early`: this poisons a cell that minds. Order: release. */
void im_raw_once_abandon(const struct im_raw_once *self, bool left_early);

/**
 * Declare the value, which is there already, final: 0, or EEXIST: it is; EDEADLK as above. Waits for who changes it.
 * Order: acquire; pairs with the release in im_raw_once_abandon().
 */
int im_raw_once_fix(const struct im_raw_once *self, const struct im_place *place);

/**
 * Wait for the value until `deadline_ns` on CLOCK_MONOTONIC: 0, ETIMEDOUT, EDEADLK or ENOTRECOVERABLE. A cancellation
 * point where it sleeps. Order: acquire; pairs with the release in im_raw_once_finish().
 */
int im_raw_once_wait(const struct im_raw_once *self, uint64_t deadline_ns, const struct im_place *place);

/** `ns` from now, as a deadline. */
uint64_t im_raw_once_deadline(uint64_t ns);

/** Let a poisoned cell be initialised again. */
void im_raw_once_clear_poison(const struct im_raw_once *self);

/** Whether an initialiser runs, of this process. */
bool im_raw_once_is_running(const struct im_raw_once *self);

/** Abandon, without poison, what this thread has begun; false: it has not. For im_mut_once, whose value stays. */
bool im_raw_once_release(const struct im_raw_once *self);

/** Panic: `operation` met `error`, one of the above, or EINVAL: no function. */
IM_NORETURN IM_COLD void im_raw_once_refuse(const struct im_raw_once *self, int error, const char *operation,
                                            const struct im_place *place);

/** The same in the words of a mut_once, where EEXIST is an error, too, and EPERM a release of what was not borrowed. */
IM_NORETURN IM_COLD void im_raw_mut_once_refuse(const struct im_raw_once *self, int error, const char *operation,
                                                const struct im_place *place);

/** Panic: the pointer to the cell is NULL. Only the checked build looks. */
IM_NORETURN IM_COLD void im_raw_once_is_null(const struct im_place *place);

IM_END_DECLS

/* ---- Unsync cells: the same for one thread ---- */

static inline struct im_raw_once *im__raw_once(const struct im_raw_once *self)
{
    return (struct im_raw_once *)im_unsafe_unconst(self);
}

static inline int im_raw_unsync_once_begin(const struct im_raw_once *self, const struct im_place *place)
{
    if (self->state & IM_ONCE_FULL)
        return EEXIST;
    if (self->state & IM_ONCE_POISONED)
        return ENOTRECOVERABLE;
    if (self->state & IM_ONCE_RUNNING)
        return EDEADLK;
    if (IM_CHECKED)
        im_checked_borrowed(self, self, true, true, place);
    im__raw_once(self)->state |= IM_ONCE_RUNNING;
    im__raw_once(self)->place = place;
    return 0;
}

static inline void im__raw_unsync_once_end(const struct im_raw_once *self, uint32_t flag)
{
    if (IM_CHECKED)
        im_checked_released(self, self, NULL);
    im__raw_once(self)->state = (self->state & IM_ONCE_POISONS) | flag;
}

static inline int im_raw_unsync_once_fix(const struct im_raw_once *self, const struct im_place *place)
{
    int error = im_raw_unsync_once_begin(self, place);
    if (error == 0)
        im__raw_unsync_once_end(self, IM_ONCE_FULL);
    return error;
}

static inline bool im_raw_unsync_once_release(const struct im_raw_once *self)
{
    if (!(self->state & IM_ONCE_RUNNING))
        return false;
    im__raw_unsync_once_end(self, 0);
    return true;
}

/* ---- Both: `sharing` is a constant ---- */

/* In checked code: a shared operation on a cell, which for one thread must be this thread's. */
static inline void im__once_used(const void *self, enum im_once_sharing sharing, const char *operation,
                                 const struct im_place *place)
{
    if (IM_UNLIKELY(!self))
        im_raw_once_is_null(place);
    if (sharing == IM_ONCE_UNSYNC)
        im_checked_used(self, operation, place);
    else
        im_checked_reached(self, place);
}

/** Order: acquire; pairs with the release in im_raw_once_finish(). One load: the whole cost of a value that is there. */
IM_INLINE bool im_raw_once_is_full(const struct im_raw_once *self, enum im_once_sharing sharing)
{
    uint32_t state = sharing == IM_ONCE_SYNC ? im_sync_load(&self->state, memory_order_acquire) : self->state;
    return (state & IM_ONCE_FULL) != 0;
}

IM_INLINE int im__once_begin(const struct im_raw_once *self, enum im_once_sharing sharing, const struct im_place *place)
{
    return sharing == IM_ONCE_SYNC ? im_raw_once_begin(self, place) : im_raw_unsync_once_begin(self, place);
}

IM_INLINE void im__once_finish(const struct im_raw_once *self, enum im_once_sharing sharing)
{
    if (sharing == IM_ONCE_SYNC)
        im_raw_once_finish(self);
    else
        im__raw_unsync_once_end(self, IM_ONCE_FULL);
}

IM_INLINE void im__once_abandon(const struct im_raw_once *self, enum im_once_sharing sharing, bool left_early)
{
    if (sharing == IM_ONCE_SYNC)
        im_raw_once_abandon(self, left_early);
    else
        im__raw_unsync_once_end(self, left_early && (self->state & IM_ONCE_POISONS) ? IM_ONCE_POISONED : 0);
}

/** An initialiser that runs; when it is left without an end, its cell is abandoned. */
struct im__once_run {
    const struct im_raw_once *cell; /* NULL: over, or never begun */
    void *value;                    /* NULL: never begun */
    enum im_once_sharing sharing;
    bool live; /* of a block: it has not been gone through yet */
};

/* Not begun, with the reason in *error, when that is not 0. */
IM_INLINE struct im__once_run im__once_try_run(const struct im_raw_once *self, void *value,
                                               enum im_once_sharing sharing, const struct im_place *place, int *error)
{
    *error = im__once_begin(self, sharing, place);
    if (*error)
        return (struct im__once_run){NULL, NULL, sharing, *error != EEXIST};
    return (struct im__once_run){self, value, sharing, true};
}

/* Not begun when there is a value; other reasons panic. */
IM_INLINE struct im__once_run im__once_run(const struct im_raw_once *self, void *value, enum im_once_sharing sharing,
                                           const char *operation, const struct im_place *place)
{
    int error;
    struct im__once_run run = im__once_try_run(self, value, sharing, place, &error);
    if (IM_UNLIKELY(error != 0 && error != EEXIST))
        im_raw_once_refuse(self, error, operation, place);
    return run;
}

IM_INLINE void im__once_run_ends(struct im__once_run *run, int error)
{
    if (run->cell && error == 0)
        im__once_finish(run->cell, run->sharing);
    else if (run->cell)
        im__once_abandon(run->cell, run->sharing, false);
    run->cell = NULL;
    run->live = false;
}

IM_INLINE void im__once_run_is_left(struct im__once_run *run)
{
    if (run->cell)
        im__once_abandon(run->cell, run->sharing, true);
    run->cell = NULL;
    run->live = false;
}

IM_INLINE struct im__once_run im__once_block(const struct im_raw_once *self, void *value, enum im_once_sharing sharing,
                                             const struct im_place *place)
{
    return im__once_run(self, value, sharing, "initialise", place);
}

IM_INLINE struct im__once_run im__once_try_block(const struct im_raw_once *self, void *value,
                                                 enum im_once_sharing sharing, const struct im_place *place)
{
    int error;
    return im__once_try_run(self, value, sharing, place, &error);
}

/** Move a value that did not get in to `back`, if that is not NULL. By bytes: T may hold other intermut types. */
IM_INLINE void im__once_give_back(void *back, const void *value, size_t bytes)
{
    if (back)
        __builtin_memcpy(back, value, bytes);
}

/** Exclusive: empty the cell; 0, ENOENT: it was; EBUSY: an initialiser runs. */
static inline int im_raw_once_take(struct im_raw_once *self)
{
    if (!(self->state & IM_ONCE_FULL))
        return im_raw_once_is_running(self) ? EBUSY : ENOENT;
    self->state &= IM_ONCE_POISONS;
    return 0;
}

#endif
