/* SPDX-License-Identifier: MIT */
/*
 * A clock that is set back or forward ends no wait early and makes none longer: nothing with a deadline asks
 * CLOCK_REALTIME. The program puts itself between the library and the system: its CLOCK_REALTIME is an hour off, now this
 * way, now that; and it looks at each deadline before the kernel gets it.
 */
#define _GNU_SOURCE
#include <criterion/criterion.h>

#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <intermut/atomic_wait.h>
#include <intermut/condvar.h>
#include <intermut/once.h>
#include <intermut/raw_pthread.h>
#include <intermut/raw_spinlock.h>
#include <intermut/raw_ticket.h>
#include <intermut/reentrant.h>
#include <intermut/rwlock.h>

#define MS UINT64_C(1000000)
#define S (1000 * MS)
#define HOUR_S 3600

/* ------------------------------------------------------------------------------- between the library and the system */

/* What came by. */
static uint32_t monotonic_looks, realtime_looks, good_deadlines, bad_deadlines;
static uint32_t is_watched;

static void *of_the_system(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static void count(uint32_t *what)
{
    if (im_sync_load(&is_watched, memory_order_relaxed))
        im_sync_fetch_add(what, 1, memory_order_relaxed);
}

static struct timespec now_on(clockid_t clock)
{
    struct timespec now;
    ((int (*)(clockid_t, struct timespec *))of_the_system("clock_gettime"))(clock, &now);
    return now;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    *now = now_on(clock);
    if (clock == CLOCK_MONOTONIC)
        count(&monotonic_looks);
    else if (clock == CLOCK_REALTIME && im_sync_load(&is_watched, memory_order_relaxed))
        now->tv_sec += im_sync_fetch_add(&realtime_looks, 1, memory_order_relaxed) % 2 ? HOUR_S : -HOUR_S;
    return 0;
}

/* A deadline goes to the kernel if it is by the right clock and near; otherwise it is late at once. */
static bool is_good(bool is_monotonic, const struct timespec *deadline)
{
    bool is_near = deadline->tv_sec <= now_on(CLOCK_MONOTONIC).tv_sec + 2;
    count(is_monotonic && is_near ? &good_deadlines : &bad_deadlines);
    return is_monotonic && is_near;
}

long syscall(long number, ...)
{
    va_list list;
    va_start(list, number);
    long a[6]; /* as the system's: whatever the number is, six */
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    const struct timespec *deadline = (const struct timespec *)a[3];
    if (number == SYS_futex && (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && deadline &&
        !is_good(!(a[1] & FUTEX_CLOCK_REALTIME), deadline)) {
        errno = ETIMEDOUT;
        return -1;
    }
    return ((long (*)(long, ...))of_the_system("syscall"))(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *deadline)
{
    if (!is_good(clock == CLOCK_MONOTONIC, deadline))
        return ETIMEDOUT;
    return ((int (*)(pthread_mutex_t *, clockid_t, const struct timespec *))of_the_system("pthread_mutex_clocklock"))(
        mutex, clock, deadline);
}

/* Its deadlines are by CLOCK_REALTIME. */
int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
    (void)mutex;
    is_good(false, deadline);
    return ETIMEDOUT;
}

/* ------------------------------------------------------------------------------------------------------ the waits */

#define WAIT_NS (1 * MS)

static uint64_t soon(void)
{
    return im_sync_now_ns() + WAIT_NS;
}

static im_mutex(int) futex, own;
static im_mutex_of(im_raw_pthread, int) of_pthread;
static im_mutex_of(im_raw_spinlock, int) spinlock;
static im_mutex_of(im_raw_ticket, int) ticket;
static im_reentrant(int) reentrant;
static im_rwlock(int) written;
static im_sharded_rwlock(int) sharded_written;
static im_condvar condvar;
static im_atomic(int) word;
static im_once(int) empty;
static const int *made;

static void *hold_all(void *both_are_here)
{
    (void)im_mutex_lock(&futex);
    (void)im_mutex_lock(&of_pthread);
    (void)im_mutex_lock(&spinlock);
    (void)im_mutex_lock(&ticket);
    (void)im_reentrant_lock(&reentrant);
    (void)im_rwlock_write(&written);
    (void)im_rwlock_write(&sharded_written);
    pthread_barrier_wait((pthread_barrier_t *)both_are_here);
    pthread_barrier_wait((pthread_barrier_t *)both_are_here);
    im_mutex_unlock(&futex);
    im_mutex_unlock(&of_pthread);
    im_mutex_unlock(&spinlock);
    im_mutex_unlock(&ticket);
    im_reentrant_unlock(&reentrant);
    im_rwlock_write_unlock(&written);
    im_rwlock_write_unlock(&sharded_written);
    return NULL;
}

/* Judged after all waits: the assertions look at the clock, too. */
struct outcome {
    const char *wait;
    bool was_late;
    uint64_t took_ns;
    uint32_t bad_deadlines, realtime_looks;
};

static uint64_t watch(void)
{
    uint64_t now_ns = im_sync_now_ns();
    realtime_looks = bad_deadlines = 0;
    im_sync_store(&is_watched, 1, memory_order_relaxed);
    return now_ns;
}

static struct outcome unwatch(const char *wait, bool was_late, uint64_t before_ns)
{
    im_sync_store(&is_watched, 0, memory_order_relaxed);
    struct timespec now = now_on(CLOCK_MONOTONIC);
    uint64_t now_ns = (uint64_t)now.tv_sec * S + (uint64_t)now.tv_nsec;
    return (struct outcome){wait, was_late, now_ns - before_ns, bad_deadlines, realtime_looks};
}

/* An expression that is true when the wait said that it was too late. */
#define NOTE(wait)                                     \
    do {                                               \
        const uint64_t before_ns = watch();            \
        const bool was_late = (wait);                  \
        *next++ = unwatch(#wait, was_late, before_ns); \
    } while (0)

/* The same of a wait that sleeps; once more when the machine was so busy that it was too late before it could. */
#define NOTE_SLEEP(wait)                                                                      \
    for (bool has_slept = false; !has_slept;) {                                               \
        const uint32_t before = good_deadlines;                                               \
        NOTE(wait);                                                                           \
        has_slept = good_deadlines != before || next[-1].bad_deadlines || !next[-1].was_late; \
        next -= !has_slept;                                                                   \
    }

static void judge(struct outcome of)
{
    cr_assert_eq(of.bad_deadlines, 0, "%s: %u deadlines that the kernel must not get", of.wait, of.bad_deadlines);
    cr_assert_eq(of.realtime_looks, 0, "%s: looks at CLOCK_REALTIME", of.wait);
    cr_assert(of.was_late, "%s: did not wait until it was too late", of.wait);
    cr_assert_geq(of.took_ns, WAIT_NS, "%s: ended after %lu ns", of.wait, (unsigned long)of.took_ns);
    cr_assert_lt(of.took_ns, 2 * S, "%s: ended after %lu ns", of.wait, (unsigned long)of.took_ns);
}

Test(clock, that_is_set_changes_no_wait)
{
    struct outcome outcomes[40], *next = outcomes;
    pthread_barrier_t both_are_here;
    pthread_barrier_init(&both_are_here, NULL, 2);
    pthread_t holder;
    pthread_create(&holder, NULL, hold_all, &both_are_here);
    pthread_barrier_wait(&both_are_here);
    (void)im_mutex_lock(&own);

    NOTE_SLEEP(im_mutex_lock_for(&futex, WAIT_NS) == NULL);
    NOTE_SLEEP(im_mutex_lock_until(&futex, soon()) == NULL);
    NOTE_SLEEP(im_mutex_lock_for(&of_pthread, WAIT_NS) == NULL);
    NOTE_SLEEP(im_mutex_lock_until(&of_pthread, soon()) == NULL);
    NOTE(im_mutex_lock_for(&spinlock, WAIT_NS) == NULL);
    NOTE(im_mutex_lock_until(&spinlock, soon()) == NULL);
    NOTE(im_mutex_lock_for(&ticket, WAIT_NS) == NULL);
    NOTE(im_mutex_lock_until(&ticket, soon()) == NULL);
    NOTE_SLEEP(im_reentrant_lock_for(&reentrant, WAIT_NS) == NULL);
    NOTE_SLEEP(im_reentrant_lock_until(&reentrant, soon()) == NULL);
    NOTE_SLEEP(im_rwlock_read_for(&written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_read_until(&written, soon()) == NULL);
    NOTE_SLEEP(im_rwlock_write_for(&written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_write_until(&written, soon()) == NULL);
    NOTE_SLEEP(im_rwlock_upgradable_read_for(&written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_upgradable_read_until(&written, soon()) == NULL);
    NOTE_SLEEP(im_rwlock_read_for(&sharded_written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_read_until(&sharded_written, soon()) == NULL);
    NOTE_SLEEP(im_rwlock_write_for(&sharded_written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_write_until(&sharded_written, soon()) == NULL);
    NOTE_SLEEP(im_condvar_wait_for(&condvar, &own, WAIT_NS) == ETIMEDOUT);
    NOTE_SLEEP(im_condvar_wait_until(&condvar, &own, soon()) == ETIMEDOUT);
    NOTE_SLEEP(im_condvar_wait_while_for(&condvar, &own, WAIT_NS, n, *n == 0) != 0);
    NOTE_SLEEP(im_condvar_wait_while_until(&condvar, &own, soon(), n, *n == 0) != 0);
    NOTE_SLEEP(im_atomic_wait_for(&word, WAIT_NS, 0) == ETIMEDOUT);
    NOTE_SLEEP(im_atomic_wait_until(&word, soon(), 0) == ETIMEDOUT);
    NOTE_SLEEP(im_atomic_wait_while_until(&word, soon(), seen, seen == 0) != 0);
    NOTE_SLEEP(im_once_wait_for(&empty, WAIT_NS, &made) == ETIMEDOUT);
    NOTE_SLEEP(im_once_wait_until(&empty, soon(), &made) == ETIMEDOUT);

    im_mutex_unlock(&own);
    pthread_barrier_wait(&both_are_here);
    pthread_join(holder, NULL);
    for (struct outcome *outcome = outcomes; outcome < next; outcome++)
        judge(*outcome);
    cr_assert_geq(monotonic_looks, 29, "the waits did come by here, and not around it");
}

/* The upgrade waits for a reader. */
Test(clock, that_is_set_changes_no_upgrade)
{
    struct outcome outcomes[4], *next = outcomes;
    (void)im_rwlock_read(&written);
    (void)im_rwlock_read(&sharded_written);
    (void)im_rwlock_upgradable_read(&written);
    (void)im_rwlock_upgradable_read(&sharded_written);
    NOTE_SLEEP(im_rwlock_upgrade_for(&written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_upgrade_until(&written, soon()) == NULL);
    NOTE_SLEEP(im_rwlock_upgrade_for(&sharded_written, WAIT_NS) == NULL);
    NOTE_SLEEP(im_rwlock_upgrade_until(&sharded_written, soon()) == NULL);
    for (struct outcome *outcome = outcomes; outcome < next; outcome++)
        judge(*outcome);
}
