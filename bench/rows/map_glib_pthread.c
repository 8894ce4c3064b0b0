/* SPDX-License-Identifier: MIT */
/*
 * The lock is of the default kind. It prefers readers: an insert beside two busy ones takes 20 µs and more, so that the
 * rows about growth would take minutes. The kind that prefers writers is slower still in the mixed rows.
 */
#include <pthread.h>

#define MAP_NAME "GHashTable + pthread_rwlock"
#define MAP_CANNOT_GROW

typedef pthread_rwlock_t map_lock;

static inline void map_lock_init(map_lock *lock)
{
    pthread_rwlock_init(lock, NULL);
}

static inline void map_lock_destroy(map_lock *lock)
{
    pthread_rwlock_destroy(lock);
}

static inline void map_lock_read(map_lock *lock)
{
    pthread_rwlock_rdlock(lock);
}

static inline void map_unlock_read(map_lock *lock)
{
    pthread_rwlock_unlock(lock);
}

static inline void map_lock_write(map_lock *lock)
{
    pthread_rwlock_wrlock(lock);
}

static inline void map_unlock_write(map_lock *lock)
{
    pthread_rwlock_unlock(lock);
}

#include "map_glib.h"
