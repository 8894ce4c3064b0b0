/* SPDX-License-Identifier: MIT */
/* Read-write locks: intermut's policies and forms, pthread's, and a mutex, which is no bad choice for short sections. */
#include "rwlock.h"

#include <pthread.h>

#include <intermut/rwlock.h>

typedef im_rwlock(uint64_t) u64_rwlock;
typedef im_sharded_rwlock(uint64_t) u64_sharded;

#define READ(object, p) const uint64_t *p = im_rwlock_read(object)
#define WRITE(object, p) uint64_t *p = im_rwlock_write(object)

#define INTERMUT(tag, Object, policy)                   \
    static void *tag##_new(const struct bench_run *run) \
    {                                                   \
        Object *object = (Object *)value_new(run);      \
        im_rwlock_set_policy(object, policy);           \
        return object;                                  \
    }                                                   \
    RWLOCK_LOOPS(tag, Object, READ, im_rwlock_read_unlock, WRITE, im_rwlock_write_unlock)

INTERMUT(fair, u64_rwlock, IM_RWLOCK_TASK_FAIR)
INTERMUT(writers, u64_rwlock, IM_RWLOCK_WRITER_PREFERRING)
INTERMUT(readers, u64_rwlock, IM_RWLOCK_READER_PREFERRING)
INTERMUT(sharded, u64_sharded, IM_RWLOCK_TASK_FAIR)
RWLOCK_ROWS("intermut", fair)
RWLOCK_ROWS("intermut, writers first", writers)
RWLOCK_ROWS("intermut, readers first", readers)
RWLOCK_SCALABLE_ROWS("intermut", sharded)
BENCH("rwlock/writer/3r1w", "intermut, sharded", sharded_read, sharded_new, free, sharded_writer)
SIZE_BENCH("rwlock/bytes", "intermut", fair_bytes, struct im_raw_rwlock)

struct pthread_u64 {
    pthread_rwlock_t lock;
    uint64_t value;
};

static void *pthread_new_of(const struct bench_run *run, int kind)
{
    struct pthread_u64 *object = (struct pthread_u64 *)value_new(run);
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, kind);
    pthread_rwlock_init(&object->lock, &attributes);
    return object;
}

static void *pthread_new(const struct bench_run *run)
{
    return pthread_new_of(run, PTHREAD_RWLOCK_DEFAULT_NP);
}

static void *pthread_writers_new(const struct bench_run *run)
{
    return pthread_new_of(run, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
}

#define PTHREAD_READ(object, p) const uint64_t *p = (pthread_rwlock_rdlock(&object->lock), &object->value)
#define PTHREAD_WRITE(object, p) uint64_t *p = (pthread_rwlock_wrlock(&object->lock), &object->value)
#define PTHREAD_END(object) pthread_rwlock_unlock(&object->lock)
RWLOCK_LOOPS(pthread, struct pthread_u64, PTHREAD_READ, PTHREAD_END, PTHREAD_WRITE, PTHREAD_END)
RWLOCK_LOOPS(pthread_writers, struct pthread_u64, PTHREAD_READ, PTHREAD_END, PTHREAD_WRITE, PTHREAD_END)
RWLOCK_ROWS("pthread_rwlock", pthread)
RWLOCK_ROWS("pthread_rwlock, writers first", pthread_writers)
SIZE_BENCH("rwlock/bytes", "pthread_rwlock", pthread_bytes, pthread_rwlock_t)

struct mutex_u64 {
    pthread_mutex_t lock;
    uint64_t value;
};

#define MUTEX_LOCK(object, p) uint64_t *p = (pthread_mutex_lock(&object->lock), &object->value)
#define MUTEX_UNLOCK(object) pthread_mutex_unlock(&object->lock)
#define mutex_new value_new
RWLOCK_LOOPS(mutex, struct mutex_u64, MUTEX_LOCK, MUTEX_UNLOCK, MUTEX_LOCK, MUTEX_UNLOCK)
RWLOCK_ROWS("pthread_mutex", mutex)
