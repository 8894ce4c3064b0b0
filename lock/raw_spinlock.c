/* SPDX-License-Identifier: MIT */
/* The spinning of the spin lock. */
#include <intermut/lock_probes.h>
#include <intermut/raw_spinlock.h>

static bool spin_until(const struct im_raw_spinlock *self, uint64_t deadline_ns)
{
    struct im_backoff backoff = {0};
    do {
        /* Relaxed: only a look; the exchange acquires. */
        while (im_raw_spinlock_is_locked(self)) {
            if (deadline_ns != IM_SYNC_FOREVER && im_sync_now_ns() >= deadline_ns)
                return false;
            im_backoff_wait(&backoff);
        }
    } while (!im__raw_spinlock_take(self));
    return true;
}

bool im_raw_spinlock_spin(const struct im_raw_spinlock *self, uint64_t deadline_ns)
{
    IM_LOCK_PROBE_WAIT(self);
    bool is_taken = spin_until(self, deadline_ns);
    IM_LOCK_PROBE_WAITED(self, is_taken);
    return is_taken;
}
