/* SPDX-License-Identifier: MIT */
/* The spinning of the ticket lock. */
#include <intermut/lock_probes.h>
#include <intermut/raw_ticket.h>

/* For each one who is before us: about what a short section takes. */
enum { SPINS_PER_TURN = 16 };
/* Then somebody has lost its core. */
enum { LOOKS_BEFORE_YIELD = 64 };

void im_raw_ticket_wait(const struct im_raw_ticket *self, uint32_t ticket)
{
    IM_LOCK_PROBE_WAIT(self);
    for (unsigned looks = 0;; looks++) {
        /* Acquire: meets the release in im_raw_ticket_unlock(). */
        uint32_t served = im__raw_ticket_served(im_sync_load(&self->word, memory_order_acquire));
        uint32_t before = (uint16_t)(ticket - served);
        if (before == 0)
            break;
        if (looks >= LOOKS_BEFORE_YIELD)
            im_sync_yield();
        else
            for (uint32_t spins = before * SPINS_PER_TURN; spins > 0; spins--)
                im_sync_spin_hint();
    }
    IM_LOCK_PROBE_WAITED(self, true);
}

bool im_raw_ticket_spin(const struct im_raw_ticket *self, uint64_t deadline_ns)
{
    struct im_backoff backoff = {0};
    do {
        if (im_sync_now_ns() >= deadline_ns)
            return false;
        im_backoff_wait(&backoff);
    } while (!im__raw_ticket_take(self));
    return true;
}
