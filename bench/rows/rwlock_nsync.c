/* SPDX-License-Identifier: MIT */
#include "rwlock.h"

#include <nsync.h>

struct nsync_u64 {
    nsync_mu lock;
    uint64_t value;
};

#define READ(object, p) const uint64_t *p = (nsync_mu_rlock(&object->lock), &object->value)
#define END_READ(object) nsync_mu_runlock(&object->lock)
#define WRITE(object, p) uint64_t *p = (nsync_mu_lock(&object->lock), &object->value)
#define END_WRITE(object) nsync_mu_unlock(&object->lock)
#define nsync_new value_new
RWLOCK_LOOPS(nsync, struct nsync_u64, READ, END_READ, WRITE, END_WRITE)
RWLOCK_ROWS("nsync_mu", nsync)
SIZE_BENCH("rwlock/bytes", "nsync_mu", nsync_bytes, nsync_mu)
