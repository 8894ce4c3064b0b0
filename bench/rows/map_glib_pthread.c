/* SPDX-License-Identifier: MIT */
/*
 * The lock is of the default kind. It prefers readers: an insert beside two busy ones takes 20 µs and more, so that the
 * rows about growth would take minutes. The kind that prefers writers is slower still in the mixed rows.
 */
#include <pthread.h>

#define MAP_NAME "GHashTable + pthread_rwlock"
#define MAP_CANNOT_GROW

typedef pthread_rwlock_t map_lock;
#define map_lock_init(lock) pthread_rwlock_init(lock, NULL)
#define map_lock_destroy pthread_rwlock_destroy
#define map_lock_read pthread_rwlock_rdlock
#define map_unlock_read pthread_rwlock_unlock
#define map_lock_write pthread_rwlock_wrlock
#define map_unlock_write pthread_rwlock_unlock
#include "map_glib.h"
