/* SPDX-License-Identifier: MIT */
/**
 * @file condvar.h
 * Waiting, inside a section of an im_mutex, until another thread has changed something.
 *
 *     static im_mutex(struct queue) jobs;
 *     static im_condvar is_not_empty;
 *
 *     im_mutex_with(q, &jobs) {                                                        // who takes
 *         im_condvar_wait_while(&is_not_empty, &jobs, now, now->count == 0);
 *         job = queue_take(q);
 *     }
 *
 *     im_mutex_with(q, &jobs) queue_put(q, job);                                        // who gives
 *     im_condvar_notify_one(&is_not_empty);
 *
 * A wait unlocks the mutex, sleeps, and locks it again. The condition is something in the mutex: changed inside a section, and
 * the notification comes inside it or after it. Then none is missed. A wait may return for nothing: ask again, or use
 * wait_while, which does.
 *
 * Any raw lock will do. One mutex at a time for one condvar: a wait with another one, while somebody waits there,
 * panics. Waiting without holding the mutex panics; pointers into the value stay good, but what they point to may
 * have changed. Durations are in nanoseconds, deadlines are nanoseconds on CLOCK_MONOTONIC.
 *
 * Concurrency: any thread. A notification nobody waits for costs one load. notify_all wakes no herd: of those who wait with an
 * im_mutex, or one that can be poisoned, one wakes, and each unlock of the mutex wakes the next. With another raw lock
 * all wake at once, and then take the mutex one after the other.
 * Cancellation: a wait is no cancellation point; pthread_cancel() takes effect at the next one. A signal handler that
 * interrupts it does not end it. Zeroed is ready for use; 16 bytes, which stay where they are while somebody waits.
 * Poison that comes during a wait panics where it returns.
 * fork(): the child has none of the waiters; it zeroes the condvar, or does not use it.
 * Source: parking_lot's and Rust std's Condvar; U. Drepper, "Futexes are tricky", 2011: FUTEX_CMP_REQUEUE.
 */
#ifndef INTERMUT_CONDVAR_H
#define INTERMUT_CONDVAR_H

#include <intermut/mutex.h>
#include <intermut/raw_condvar.h>

/** Where threads wait for a condition. */
typedef struct {
    struct im_raw_condvar im_value;
    IM_TAGS(condvar, struct im_raw_condvar);
} im_condvar;

/** Static initialiser. */
#define IM_CONDVAR_INIT   \
    {                     \
        .im_value = { 0 } \
    }

/** Wait for a notification, or for nothing. Shared. */
#define im_condvar_wait(self, mutex)                                                        \
    (IM__CONDVAR_CHECK(self, mutex, "condvar: wait needs an im_condvar * and an im_mutex"), \
     (void)im__condvar_wait(self, mutex, IM_SYNC_FOREVER, IM_UNIQUE(at), IM_UNIQUE(held), IM_PLACE(#mutex)))

/** 0, or ETIMEDOUT after so many nanoseconds. Shared. */
#define im_condvar_wait_for(self, mutex, duration_ns)                                           \
    (IM__CONDVAR_CHECK(self, mutex, "condvar: wait_for needs an im_condvar * and an im_mutex"), \
     im__condvar_wait(self, mutex, im_lock_deadline(duration_ns), IM_UNIQUE(at), IM_UNIQUE(held), IM_PLACE(#mutex)))

/** 0, or ETIMEDOUT when CLOCK_MONOTONIC has come to so many nanoseconds. Shared. */
#define im_condvar_wait_until(self, mutex, deadline_ns)                                           \
    (IM__CONDVAR_CHECK(self, mutex, "condvar: wait_until needs an im_condvar * and an im_mutex"), \
     im__condvar_wait(self, mutex, deadline_ns, IM_UNIQUE(at), IM_UNIQUE(held), IM_PLACE(#mutex)))

/**
 * Wait as long as the expression is true: `im_condvar_wait_while(&cond, &mutex, q, q->count == 0)` binds q to a T * to
 * the value. Shared. The expression is evaluated with the mutex locked, before the first wait and after each.
 */
#define im_condvar_wait_while(self, mutex, name, ...)                                                                \
    (IM__CONDVAR_CHECK(self, mutex, "condvar: wait_while needs an im_condvar * and an im_mutex"),                    \
     (void)im__condvar_wait_while(self, mutex, IM_SYNC_FOREVER, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(held), \
                                  IM_UNIQUE(end), IM_UNIQUE(error), IM_UNIQUE(is_true), IM_PLACE(#mutex)))

/** 0: it is false now. ETIMEDOUT: it is still true after so many nanoseconds. Shared. */
#define im_condvar_wait_while_for(self, mutex, duration_ns, name, ...)                                      \
    (IM__CONDVAR_CHECK(self, mutex, "condvar: wait_while_for needs an im_condvar * and an im_mutex"),       \
     im__condvar_wait_while(self, mutex, im_lock_deadline(duration_ns), name, (__VA_ARGS__), IM_UNIQUE(at), \
                            IM_UNIQUE(held), IM_UNIQUE(end), IM_UNIQUE(error), IM_UNIQUE(is_true), IM_PLACE(#mutex)))

/** The same with a deadline. Shared. */
#define im_condvar_wait_while_until(self, mutex, deadline_ns, name, ...)                                   \
    (IM__CONDVAR_CHECK(self, mutex, "condvar: wait_while_until needs an im_condvar * and an im_mutex"),    \
     im__condvar_wait_while(self, mutex, deadline_ns, name, (__VA_ARGS__), IM_UNIQUE(at), IM_UNIQUE(held), \
                            IM_UNIQUE(end), IM_UNIQUE(error), IM_UNIQUE(is_true), IM_PLACE(#mutex)))

/** Wake one that waits, if any does. Shared. Inside a section or after it. */
#define im_condvar_notify_one(self)                                               \
    (IM_REQUIRE_KIND(self, condvar, "condvar: notify_one needs an im_condvar *"), \
     im_raw_condvar_notify(&IM_REACH(self, IM_PLACE(#self))->im_value, 1))

/** Wake all that wait, one after the other as the mutex comes free, if it is a futex. Shared. */
#define im_condvar_notify_all(self)                                               \
    (IM_REQUIRE_KIND(self, condvar, "condvar: notify_all needs an im_condvar *"), \
     im_raw_condvar_notify(&IM_REACH(self, IM_PLACE(#self))->im_value, IM_SYNC_ALL))

/** The end of a condvar. Exclusive. Panics when somebody waits. Frees nothing. */
#define im_condvar_destroy(self)                                                                   \
    (IM_REQUIRE_KIND(self, condvar, "condvar: destroy needs an im_condvar *"),                     \
     IM_REQUIRE(IM_IS_EXCLUSIVE(self), "condvar: destroy needs an exclusive (non-const) pointer"), \
     im_raw_condvar_destroy(&(self)->im_value, IM_PLACE(#self)))

#define IM__CONDVAR_CHECK(self, with, sentence) \
    (IM_REQUIRE_KIND(self, condvar, sentence), IM_REQUIRE_KIND(with, mutex, sentence))

#define im__condvar_wait(self, mutex, deadline_ns, at, held, place)                                         \
    ({                                                                                                      \
        const im_condvar *at = (self);                                                                      \
        IM__MUTEX_AT(mutex, held);                                                                          \
        im_raw_condvar_wait_checked(&at->im_value, &held->im_raw, IM__MUTEX_OPS(held), deadline_ns, place); \
    })

/* After the declaration of `name` the macro's own arguments may mean something else: only the locals are used. */
#define im__condvar_wait_while(self, mutex, deadline_ns, name, condition, at, held, end, error, is_true, place) \
    ({                                                                                                          \
        const im_condvar *at = (self);                                                                          \
        IM__MUTEX_AT(mutex, held);                                                                              \
        const uint64_t end = (deadline_ns);                                                                     \
        int error = 0;                                                                                          \
        IM_TYPE(mutex) *name = im_unsafe_cell_get(held);                                                        \
        (void)name;                                                                                             \
        bool is_true;                                                                                           \
        while ((is_true = (condition)) && !error)                                                               \
            error = im_raw_condvar_wait_checked(&at->im_value, &held->im_raw, IM__MUTEX_OPS(held), end, place); \
        is_true ? error : 0;                                                                                    \
    })

#endif
