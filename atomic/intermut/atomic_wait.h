/* SPDX-License-Identifier: MIT */
/**
 * @file atomic_wait.h
 * Sleeping until an atomic value is another one.
 *
 * Use it for flags, phases and small protocols between threads. Not where a lock, a condition variable or a once cell
 * says what is meant.
 *
 *     static im_atomic(unsigned) phase;
 *
 *     im_atomic_store(&phase, 2), im_atomic_wake_all(&phase);     // one thread
 *
 *     unsigned now = im_atomic_wait(&phase, 1);                   // others: sleep while it is 1
 *
 * For an im_atomic or im_atomic_with_lock of any T. Who changes the value wakes: after the change, and on the same object.
 * Threads of one process; not in signal handlers (a wake-up of a lock-free object may be).
 *
 * Cost: a wait that need not sleep is a load. A wake-up that finds nobody is one read-modify-write of a line that the
 * objects of one wait queue share. Sleeping and waking are system calls.
 *
 * How it works. The address of an object picks one of IM_ATOMIC_WAIT_QUEUES queues. A thread that is going to sleep first
 * counts itself in `waiting`, and then looks at the value again; one that wakes, does so after its change, by adding 0 to
 * `waiting`. These read-modify-writes have an order. If the sleeper's is first, the waker sees it, and wakes. If the waker's
 * is first, the sleeper acquires it (a release sequence of read-modify-writes), hence its look finds the change. Between
 * the look and the sleep the kernel looks once more: at the value, where that has 4 bytes, otherwise at `wakes`, which
 * every waker increments before it wakes, and which the sleeper reads before its look.
 *
 * A wake-up of a value that has not 4 bytes wakes the whole queue, those who wait for other objects, too; they look, and
 * sleep again.
 * Sources: futex(7); C++20's atomic wait and notify.
 */
#ifndef INTERMUT_ATOMIC_WAIT_H
#define INTERMUT_ATOMIC_WAIT_H

#include <intermut/atomic.h>

/**
 * T: sleep while the value is `old`, and give the other one: `im_atomic_wait(&phase, 1)`. Shared. Returns at once if it
 * is another already. Values are compared as by im_atomic_compare_exchange: by value, and under clang up to 14 no struct.
 * Order: acquire; pairs with the release of the change.
 */
#define im_atomic_wait(self, ...)                                                                                    \
    (IM__ATOMIC_CHECK(self, "atomic: wait needs an im_atomic"),                                                      \
     IM__ATOMIC_REQUIRE_COMPARABLE(self, "atomic: this compiler does not see padding: use wait_while for a struct"), \
     im__atomic_wait(self, #self, (__VA_ARGS__), IM_UNIQUE(on), IM_UNIQUE(last), IM_UNIQUE(seen), IM_UNIQUE(value)))

/**
 * T: the same while a condition holds for the value: `im_atomic_wait_while(&queue, q, q.length == 0)` binds q to a copy.
 * Shared. The condition is asked after each change that comes with a wake-up; it may be asked without one.
 */
#define im_atomic_wait_while(self, name, condition)                   \
    (IM__ATOMIC_CHECK(self, "atomic: wait_while needs an im_atomic"), \
     im__atomic_wait_while(self, #self, name, condition, IM_UNIQUE(on), IM_UNIQUE(seen)))

/**
 * int: 0, or ETIMEDOUT if the value is still `old` at `deadline_ns` on CLOCK_MONOTONIC:
 * `im_atomic_wait_until(&phase, deadline_ns, 1)`. Shared.
 */
#define im_atomic_wait_until(self, deadline_ns, ...)                                                                 \
    (IM__ATOMIC_CHECK(self, "atomic: wait_until needs an im_atomic"),                                                \
     IM__ATOMIC_REQUIRE_COMPARABLE(self, "atomic: this compiler does not see padding: use wait_while for a struct"), \
     im__atomic_wait_until(self, #self, deadline_ns, (__VA_ARGS__), IM_UNIQUE(on), IM_UNIQUE(last), IM_UNIQUE(seen), \
                           IM_UNIQUE(value)))

/** int: the same after `ns` nanoseconds from now; UINT64_MAX waits for ever. Shared. */
#define im_atomic_wait_for(self, ns, ...)                                                                            \
    (IM__ATOMIC_CHECK(self, "atomic: wait_for needs an im_atomic"),                                                  \
     IM__ATOMIC_REQUIRE_COMPARABLE(self, "atomic: this compiler does not see padding: use wait_while for a struct"), \
     im__atomic_wait_until(self, #self, im_raw_atomic_deadline(ns), (__VA_ARGS__), IM_UNIQUE(on), IM_UNIQUE(last),   \
                           IM_UNIQUE(seen), IM_UNIQUE(value)))

/** int: 0, or ETIMEDOUT if the condition still holds at `deadline_ns`. Shared. */
#define im_atomic_wait_while_until(self, deadline_ns, name, condition)      \
    (IM__ATOMIC_CHECK(self, "atomic: wait_while_until needs an im_atomic"), \
     im__atomic_wait_while_until(self, #self, deadline_ns, name, condition, IM_UNIQUE(on), IM_UNIQUE(seen)))

/** Wake a thread that waits for this object, if there is one. Shared. Where T has not 4 bytes, all of them. */
#define im_atomic_wake_one(self)                                    \
    (IM__ATOMIC_CHECK(self, "atomic: wake_one needs an im_atomic"), \
     im_raw_atomic_wake(&IM_REACH(self, IM_PLACE(#self))->im_value, IM__ATOMIC_IS_FUTEX(self), 1))

/** Wake all threads that wait for this object. Shared. */
#define im_atomic_wake_all(self)                                    \
    (IM__ATOMIC_CHECK(self, "atomic: wake_all needs an im_atomic"), \
     im_raw_atomic_wake(&IM_REACH(self, IM_PLACE(#self))->im_value, IM__ATOMIC_IS_FUTEX(self), IM_SYNC_ALL))

/* ---- The untyped core ---- */

/** A thread that looks at a value, or sleeps; zeroed at its first look. */
struct im_raw_atomic_waiter {
    struct im_atomic_wait_queue *queue; /**< where it is counted; NULL: not yet */
    uint32_t wakes;                     /**< the queue's, read before the latest look */
    bool is_late;                       /**< the deadline has passed: that was the last look */
};

IM_BEGIN_DECLS

/** Wake who waits for `object`; `is_futex`: it is a word of 4 bytes, and up to `count` are enough. */
void im_raw_atomic_wake(const void *object, bool is_futex, int count);

/** The moment on CLOCK_MONOTONIC that is so many nanoseconds from now; IM_SYNC_FOREVER when it would never come. */
uint64_t im_raw_atomic_deadline(uint64_t ns);

/**
 * Called after each look that found nothing new. The first time it counts the thread; later ones sleep, if nothing has
 * changed since the look, until woken. True: look again; false: that was the last look, after the deadline.
 * `value` is what the look found, where `is_futex`.
 */
bool im_raw_atomic_wait_again(struct im_raw_atomic_waiter *waiter, const void *object, bool is_futex, uint32_t value,
                              uint64_t deadline_ns);

/** The wait is over. */
void im_raw_atomic_wait_end(struct im_raw_atomic_waiter *waiter);

IM_END_DECLS

/* ---- What the macros are made of ---- */

#define IM__ATOMIC_IS_FUTEX(self) (IM__ATOMIC_FORM(self) == IM__ATOMIC_WORD && sizeof(IM_TYPE(self)) == 4)
#define IM__ATOMIC_FUTEX_BYTES(self) (IM__ATOMIC_IS_FUTEX(self) ? 4 : 0)

static inline uint32_t im__atomic_futex_value(const void *value, size_t bytes)
{
    uint32_t word = 0;
    memcpy(&word, value, bytes);
    return word;
}

#define im__atomic_is_equal(T, one, other) (memcmp(one, other, sizeof(T)) == 0 || im__atomic_is_same(T, one, other))

/* int: 0, or ETIMEDOUT; `seen` is the value of the last look. */
#define im__atomic_wait_by(on, seen, name, condition, deadline_ns) \
    im__atomic_wait_loop(on, seen, name, condition, deadline_ns, IM_UNIQUE(waiter), IM_UNIQUE(again), IM_UNIQUE(until))
#define im__atomic_wait_loop(on, seen, name, condition, deadline_ns, waiter, again, until)                             \
    ({                                                                                                                 \
        const uint64_t until = (deadline_ns);                                                                          \
        IM_CLEANUP(im_raw_atomic_wait_end) struct im_raw_atomic_waiter waiter = {NULL, 0, false};                      \
        bool again;                                                                                                    \
        do {                                                                                                           \
            IM__ATOMIC_GET(on, &seen, memory_order_acquire);                                                           \
            IM__ATOMIC_TYPE(on) name = seen;                                                                           \
            again = (condition);                                                                                       \
        } while (again && im_raw_atomic_wait_again(&waiter, &(on)->im_value, IM__ATOMIC_IS_FUTEX(on),                  \
                                                   im__atomic_futex_value(&seen, IM__ATOMIC_FUTEX_BYTES(on)), until)); \
        again ? ETIMEDOUT : 0;                                                                                         \
    })

/* `name` is a name of the caller's, which may be that of its object: the pointer is taken before. */
#define im__atomic_wait_while(self, text, name, condition, on, seen)          \
    ({                                                                        \
        IM__ATOMIC_OPEN(on, self, text);                                      \
        IM__ATOMIC_TYPE(on) seen;                                             \
        (void)im__atomic_wait_by(on, seen, name, condition, IM_SYNC_FOREVER); \
        seen;                                                                 \
    })
#define im__atomic_wait_while_until(self, text, deadline_ns, name, condition, on, seen) \
    ({                                                                                  \
        IM__ATOMIC_OPEN(on, self, text);                                                \
        IM__ATOMIC_TYPE(on) seen;                                                       \
        im__atomic_wait_by(on, seen, name, condition, deadline_ns);                     \
    })
#define im__atomic_wait(self, text, old, on, last, seen, value)                                            \
    ({                                                                                                     \
        IM__ATOMIC_OPEN(on, self, text);                                                                   \
        const IM__ATOMIC_TYPE(on) last = (old);                                                            \
        IM__ATOMIC_TYPE(on) seen;                                                                          \
        (void)im__atomic_wait_by(on, seen, value, im__atomic_is_equal(IM__ATOMIC_TYPE(on), &value, &last), \
                                 IM_SYNC_FOREVER);                                                         \
        seen;                                                                                              \
    })
#define im__atomic_wait_until(self, text, deadline_ns, old, on, last, seen, value)                                 \
    ({                                                                                                             \
        IM__ATOMIC_OPEN(on, self, text);                                                                           \
        const IM__ATOMIC_TYPE(on) last = (old);                                                                    \
        IM__ATOMIC_TYPE(on) seen;                                                                                  \
        im__atomic_wait_by(on, seen, value, im__atomic_is_equal(IM__ATOMIC_TYPE(on), &value, &last), deadline_ns); \
    })

#endif
