/* SPDX-License-Identifier: MIT */
/* The lock of the system, with what it does not say by itself: whether it is held, and whether a holder died. */
#define _GNU_SOURCE /* pthread_mutex_clocklock */
#include <intermut/raw_pthread.h>

/* Where a deadline on CLOCK_MONOTONIC can only be approached on CLOCK_REALTIME, which may be set. */
enum { SLICE_NS = 100000000 };
#define NS_PER_S UINT64_C(1000000000)

static const struct im_place unknown_place = {"?", {NULL, NULL, 0}};

static struct im_raw_pthread *changeable(const struct im_raw_pthread *self)
{
    return (struct im_raw_pthread *)im_unsafe_unconst(self);
}

int im_raw_pthread_init(struct im_raw_pthread *self, unsigned attributes)
{
    pthread_mutexattr_t set;
    int error = pthread_mutexattr_init(&set);
    if (error)
        return error;
    if (attributes & IM_PTHREAD_ROBUST)
        error = pthread_mutexattr_setrobust(&set, PTHREAD_MUTEX_ROBUST);
    if (!error && (attributes & IM_PTHREAD_INHERIT))
        error = pthread_mutexattr_setprotocol(&set, PTHREAD_PRIO_INHERIT);
    if (!error && (attributes & IM_PTHREAD_SHARED))
        error = pthread_mutexattr_setpshared(&set, PTHREAD_PROCESS_SHARED);
    if (!error)
        error = pthread_mutex_init(&self->mutex, &set);
    pthread_mutexattr_destroy(&set);
    self->held = self->poisoned = 0;
    return error;
}

void im_raw_pthread_destroy(struct im_raw_pthread *self)
{
    pthread_mutex_destroy(&self->mutex);
}

/* What the system answered to an attempt: true is taken. */
static bool take(const struct im_raw_pthread *self, int error)
{
    if (error == EOWNERDEAD) {
        pthread_mutex_consistent(&changeable(self)->mutex);
        im_sync_store(&changeable(self)->poisoned, 1, memory_order_relaxed);
        error = 0;
    }
    if (error == 0)
        im_sync_store(&changeable(self)->held, 1, memory_order_relaxed);
    return error == 0;
}

void im_raw_pthread_lock(const struct im_raw_pthread *self)
{
    take(self, pthread_mutex_lock(&changeable(self)->mutex));
}

bool im_raw_pthread_try_lock(const struct im_raw_pthread *self)
{
    return take(self, pthread_mutex_trylock(&changeable(self)->mutex));
}

static struct timespec time_of(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

/* One wait until the deadline at the longest; an error of ETIMEDOUT may come early. */
static int wait_a_while(pthread_mutex_t *mutex, uint64_t deadline_ns)
{
/* ThreadSanitizer of gcc 12 does not know pthread_mutex_clocklock(). */
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 30) && !IM_THREAD_SANITIZER
    const struct timespec deadline = time_of(deadline_ns);
    int error = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &deadline);
    if (error != EINVAL)
        return error;
        /* A lock that inherits priorities, on an older kernel. */
#endif
    uint64_t now_ns = im_sync_now_ns();
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t slice_ns = deadline_ns <= now_ns ? 0 : deadline_ns - now_ns;
    if (slice_ns > SLICE_NS)
        slice_ns = SLICE_NS;
    const struct timespec end = time_of((uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec + slice_ns);
    return pthread_mutex_timedlock(mutex, &end);
}

bool im_raw_pthread_lock_until(const struct im_raw_pthread *self, uint64_t deadline_ns)
{
    if (deadline_ns == IM_SYNC_FOREVER) {
        im_raw_pthread_lock(self);
        return true;
    }
    int error;
    do
        error = wait_a_while(&changeable(self)->mutex, deadline_ns);
    while (error == ETIMEDOUT && im_sync_now_ns() < deadline_ns);
    return take(self, error);
}

bool im_raw_pthread_unlock(const struct im_raw_pthread *self)
{
    if (!im_raw_pthread_is_locked(self))
        return false;
    im_sync_store(&changeable(self)->held, 0, memory_order_relaxed);
    pthread_mutex_unlock(&changeable(self)->mutex);
    return true;
}

void im_raw_pthread_reset(const struct im_raw_pthread *self)
{
    im_sync_store(&changeable(self)->held, 0, memory_order_relaxed);
    pthread_mutex_init(&changeable(self)->mutex, NULL);
}

const struct im_place *im_raw_pthread_poisoned(const struct im_raw_pthread *self)
{
    return im_sync_load(&self->poisoned, memory_order_relaxed) ? &unknown_place : NULL;
}

void im_raw_pthread_set_poisoned(const struct im_raw_pthread *self, const struct im_place *place)
{
    im_sync_store(&changeable(self)->poisoned, place != NULL, memory_order_relaxed);
}
