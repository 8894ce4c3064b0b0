/* SPDX-License-Identifier: MIT */
/* Mutexes: ours, and the one of the system. */
#include "mutex.h"

#include <pthread.h>

#include <intermut/cell.h>
#include <intermut/mutex.h>
#include <intermut/reentrant.h>

typedef im_mutex(uint64_t) number_mutex;
MUTEX_ROWS("intermut", futex, const number_mutex, sizeof(struct im_raw_futex), {
    uint64_t *number = im_mutex_lock(object);
    bench_keep(++*number);
    im_mutex_unlock(object);
})

struct pthread_number {
    pthread_mutex_t mutex;
    uint64_t number;
};
MUTEX_ROWS("pthread_mutex", pthread, struct pthread_number, sizeof(pthread_mutex_t), {
    pthread_mutex_lock(&object->mutex);
    bench_keep(++object->number);
    pthread_mutex_unlock(&object->mutex);
})

/* Reentrant locks, taken once: a number in a cell. */

typedef im_cell(uint64_t) number_cell;
typedef im_reentrant(number_cell) number_reentrant;
REENTRANT_ROWS("intermut", reentrant, const number_reentrant, {
    const number_cell *number = im_reentrant_lock(object);
    im_cell_set(number, im_cell_get(number) + 1);
    bench_keep(im_cell_get(number));
    im_reentrant_unlock(object);
})

static void *recursive_new(const struct bench_run *run)
{
    struct pthread_number *object = (struct pthread_number *)mutex_new(run);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&object->mutex, &attributes);
    return object;
}

BENCH("reentrant/lock", "pthread_mutex, recursive", pthread_lock, recursive_new, free)
BENCH("reentrant/lock/4t", "pthread_mutex, recursive", pthread_lock, recursive_new, free)
