/* SPDX-License-Identifier: MIT */
/* nsync's mutex. */
#include "mutex.h"

#include <nsync.h>

struct nsync_number {
    nsync_mu mutex;
    uint64_t number;
};
MUTEX_ROWS("nsync_mu", nsync, struct nsync_number, sizeof(nsync_mu), {
    nsync_mu_lock(&object->mutex);
    bench_keep(++object->number);
    nsync_mu_unlock(&object->mutex);
})
