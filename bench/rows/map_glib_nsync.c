/* SPDX-License-Identifier: MIT */
#include <nsync.h>

#define MAP_NAME "GHashTable + nsync_mu"

typedef nsync_mu map_lock;

static inline void map_lock_init(map_lock *lock)
{
    nsync_mu_init(lock);
}

static inline void map_lock_destroy(map_lock *lock)
{
    (void)lock;
}

static inline void map_lock_read(map_lock *lock)
{
    nsync_mu_rlock(lock);
}

static inline void map_unlock_read(map_lock *lock)
{
    nsync_mu_runlock(lock);
}

static inline void map_lock_write(map_lock *lock)
{
    nsync_mu_lock(lock);
}

static inline void map_unlock_write(map_lock *lock)
{
    nsync_mu_unlock(lock);
}

#include "map_glib.h"
