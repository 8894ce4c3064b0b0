/* SPDX-License-Identifier: MIT */
#include <nsync.h>

#define MAP_NAME "GHashTable + nsync_mu"

typedef nsync_mu map_lock;
#define map_lock_init nsync_mu_init
#define map_lock_destroy(lock) ((void)(lock))
#define map_lock_read nsync_mu_rlock
#define map_unlock_read nsync_mu_runlock
#define map_lock_write nsync_mu_lock
#define map_unlock_write nsync_mu_unlock
#include "map_glib.h"
