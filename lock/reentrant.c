/* SPDX-License-Identifier: MIT */
/* The cold paths of im_reentrant: refusals, and the splitting of guards. */
#include <intermut/reentrant_guard.h>

void im_raw_reentrant_not_mine(const struct im_raw_reentrant *self, const char *operation, const struct im_place *place)
{
    im_lock_refuse(operation, im_raw_futex_is_locked(&self->lock) ? "another thread has it" : "it is not locked",
                   place);
}

static bool share_hold(const void *hold)
{
    const struct im_raw_reentrant_guard *guard = (const struct im_raw_reentrant_guard *)hold;
    return im__raw_reentrant_again((const struct im_raw_reentrant *)guard->lock);
}

static void unshare_hold(const void *hold)
{
    const struct im_raw_reentrant_guard *guard = (const struct im_raw_reentrant_guard *)hold;
    im__raw_reentrant((const struct im_raw_reentrant *)guard->lock)->more--;
}

void im__raw_reentrant_guard_split(struct im_raw_reentrant_guard *whole, const struct im_raw_guard_part *parts,
                                   size_t count, const struct im_place *place)
{
    static const struct im_raw_guard_splitting how = {sizeof *whole, share_hold, unshare_hold, .may_overlap = true};
    im_raw_guard_split(whole, &how, parts, count, place);
}
