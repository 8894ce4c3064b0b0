/* SPDX-License-Identifier: MIT */
/*
 * Rows L1, L2, L7, L8, L13: mutexes of every raw lock, condvars and reentrant locks under load, with values that are plain
 * memory: ThreadSanitizer has nothing to say, without any suppression; nor of locks that end, and of guards in parts.
 *
 * Twins: a lock that does not wait; a reentrant lock that takes everybody for its owner; a condvar that forgets what is
 * notified before it sleeps. With -DTWO_ORDERS, for ThreadSanitizer: two locks in two orders, which it can only know to
 * be locks from what they tell it.
 */
#include "stress.h"

#if defined(STRESS_BROKEN_TWIN) && IM_THREAD_SANITIZER
#include "tsan_report.h"
#endif

#include <intermut/condvar.h>
#include <intermut/mutex.h>
#include <intermut/reentrant.h>
#include <intermut/rwlock.h>

enum { THREADS = 4, PARTS = 8, RUNS = 2 };
/* How long nothing happens until a notification counts as lost: in a twin one is. */
#define LOST_NS ((STRESS_PATIENCE == 1 ? 10 : 1) * UINT64_C(1000000000))

/* All equal outside of sections. */
struct parts {
    uint64_t part[PARTS];
};
static uint64_t operations;

static void change_all(struct parts *parts, const char *what)
{
    uint64_t first = parts->part[0];
    for (int i = 0; i < PARTS; i++) {
        if (parts->part[i] != first)
            stress_violation("%s: another thread is inside", what);
        parts->part[i]++;
    }
}

/* ---- Each raw lock, in every form; bumps, which may yield, are rare: on a busy machine each takes milliseconds ---- */

#define TEST_OF(RAW, SECTIONS)                                                       \
    static im_mutex_of(im_raw_##RAW, struct parts) RAW##_parts;                      \
    static void *change_##RAW(void *unused)                                          \
    {                                                                                \
        for (uint64_t i = 0; i < (SECTIONS);) {                                      \
            if (i % 3 == 0) {                                                        \
                im_mutex_with(parts, &RAW##_parts) change_all(parts, #RAW), i++;     \
            } else if (i % 3 == 1) {                                                 \
                im_mutex_try_with(parts, &RAW##_parts) change_all(parts, #RAW), i++; \
            } else {                                                                 \
                im_mutex_try_with_for(parts, &RAW##_parts, 50000)                    \
                {                                                                    \
                    change_all(parts, #RAW), i++;                                    \
                    if (i % 96 == 3)                                                 \
                        im_mutex_bump(&RAW##_parts);                                 \
                }                                                                    \
            }                                                                        \
        }                                                                            \
        return unused;                                                               \
    }
TEST_OF(futex, operations)
TEST_OF(pthread, operations)
TEST_OF(spinlock, operations)
/* On a busy machine each turn of a ticket lock may be that of a thread that is off its core, for milliseconds. */
TEST_OF(ticket, operations / 64)

/* ---- A reentrant lock ---- */

static im_reentrant(struct parts) reentrant_parts;

static void *change_reentrant(void *unused)
{
    for (uint64_t i = 0; i < operations; i++) {
        im_reentrant_with(outer, &reentrant_parts) im_reentrant_with(inner, &reentrant_parts)
        {
            if (outer != inner)
                stress_violation("two values");
            struct parts *parts = im_unsafe_cell_get(&reentrant_parts);
            const uint64_t first = parts->part[0];
            STRESS_LINGER();
            if (parts->part[0] != first)
                stress_violation("reentrant: another thread is inside");
            change_all(parts, "reentrant");
        }
    }
    return unused;
}

/* ---- A box for one thing: each notification counts ---- */

static im_mutex(uint64_t) box;
static im_condvar is_full, is_empty;

static void *put(void *unused)
{
    for (uint64_t i = 0; i < operations && im_atomic_load(&stress_violations) == 0; i++) {
        im_mutex_with(n, &box)
        {
            if (im_condvar_wait_while_for(&is_empty, &box, LOST_NS, now, *now > 0))
                stress_violation("nobody said that it is empty");
            *n = 1;
        }
        im_condvar_notify_one(&is_full);
    }
    return unused;
}

static void *take(void *unused)
{
    for (uint64_t i = 0; i < operations && im_atomic_load(&stress_violations) == 0; i++) {
        im_mutex_with(n, &box)
        {
            if (im_condvar_wait_while_for(&is_full, &box, LOST_NS, now, *now == 0))
                stress_violation("nobody said that it is full");
            *n = 0;
        }
        im_condvar_notify_all(&is_empty);
    }
    return unused;
}

static void run(void *(*one)(void *), void *(*other)(void *))
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        stress_start(&threads[i], i % 2 ? one : other, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

#ifdef TWO_ORDERS
static im_mutex(int) first, second;

static void lock_in_two_orders(void)
{
    im_mutex_with(a, &first) im_mutex_with(b, &second) *a = *b;
    im_mutex_with(b, &second) im_mutex_with(a, &first) *a = *b;
}
#else
static void lock_in_two_orders(void)
{
}
#endif

/* ---- Locks that end, and others at their addresses: their order is their own ---- */

enum in_order { FIRST_TO_LAST, LAST_TO_FIRST };

#define LOCK_BOTH(with, order, a, b)                                                                                 \
    do {                                                                                                             \
        with(one, order == FIRST_TO_LAST ? &(a) : &(b))                                                              \
            with(other, order == FIRST_TO_LAST ? &(b) : &(a)) if (one == other) stress_violation("one lock is two"); \
    } while (0)

#define END_OF(name, type, with, end)                  \
    static void end_##name(enum in_order order)        \
    {                                                  \
        type a = {.im_value = 0}, b = {.im_value = 0}; \
        LOCK_BOTH(with, order, a, b);                  \
        (void)end(&a), (void)end(&b);                  \
    }
END_OF(futex, im_mutex(int), im_mutex_with, im_mutex_destroy)
END_OF(poisoning, im_mutex_of(im_raw_poisoning, int), im_mutex_with, im_mutex_into_inner)
END_OF(pthread, im_mutex_of(im_raw_pthread, int), im_mutex_with, im_mutex_destroy)
END_OF(spinlock, im_mutex_of(im_raw_spinlock, int), im_mutex_with, im_mutex_into_inner)
END_OF(ticket, im_mutex_of(im_raw_ticket, int), im_mutex_with, im_mutex_destroy)
END_OF(reentrant, im_reentrant(int), im_reentrant_with, im_reentrant_into_inner)
END_OF(rwlock, im_rwlock(int), im_rwlock_with_write, im_rwlock_destroy)
END_OF(read_rwlock, im_rwlock(int), im_rwlock_with_read, im_rwlock_into_inner)
END_OF(sharded_rwlock, im_sharded_rwlock(int), im_rwlock_with_write, im_rwlock_destroy)

static void end_locks_of_both_orders(void)
{
    for (enum in_order order = FIRST_TO_LAST; order <= LAST_TO_FIRST; order++) {
        end_futex(order), end_poisoning(order), end_pthread(order), end_spinlock(order), end_ticket(order);
        end_reentrant(order), end_rwlock(order), end_read_rwlock(order), end_sharded_rwlock(order);
    }
}

/* ---- Guards in parts, of which the last one unlocks ---- */

struct halves {
    uint64_t left, right;
};
typedef im_mutex_guard(struct halves) halves_guard;
typedef im_mutex_guard(uint64_t) half_guard;
typedef im_write_guard(struct halves) halves_writer;
typedef im_write_guard(uint64_t) half_writer;
static im_mutex(struct halves) locked_halves;
static im_rwlock(struct halves) written_halves;

static void *change_halves(void *unused)
{
    for (uint64_t i = 0; i < operations / 8; i++) {
        halves_guard guard = im_mutex_lock_guard(halves_guard, &locked_halves);
        half_guard left = {0}, right = {0};
        im_mutex_guard_map_split(&guard, h, (&left, &h->left), (&right, &h->right));
        uint64_t sum = ++*im_mutex_guard_get(&left);
        im_mutex_guard_release(&left);
        if (++*im_mutex_guard_get(&right) != sum)
            stress_violation("the first part unlocked");
        im_mutex_guard_release(&right);

        halves_writer writer = im_rwlock_write_guard(halves_writer, &written_halves);
        half_writer upper = {0}, lower = {0};
        im_write_guard_map_split(&writer, h, (&upper, &h->left), (&lower, &h->right));
        sum = ++*im_write_guard_get(&upper);
        im_write_guard_release(&upper);
        if (++*im_write_guard_get(&lower) != sum)
            stress_violation("the first part of a write ended it");
        im_write_guard_release(&lower);
    }
    return unused;
}

/* A lock that notices is a violation, too. */
static void end_by_panic(const struct im_panic_info *info)
{
    stress_violation("%s", info->message);
    exit(stress_verdict());
}

int main(int argc, char **argv)
{
    im_panic_set_handler(end_by_panic);
    operations = stress_operations(20000, stress_scale(argc, argv));
    for (uint64_t i = 0; stress_again(i, RUNS); i++) {
        lock_in_two_orders();
        end_locks_of_both_orders();
        run(change_halves, change_halves);
        run(change_futex, change_futex);
        run(change_pthread, change_pthread);
        run(change_spinlock, change_spinlock);
        run(change_ticket, change_ticket);
        run(change_reentrant, change_reentrant);
        run(put, take);
    }
    return stress_verdict();
}
