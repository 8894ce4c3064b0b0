/* SPDX-License-Identifier: MIT */
/* The cold paths of im_rwlock: refusals, and the splitting of guards. */
#include <intermut/rwlock.h>

void im_rwlock_refuse(const void *raw, const struct im_place *place, const char *operation, const char *why)
{
    enum { LISTED = 8 };
    struct im_lock_hold holds[LISTED];
    struct im_panic_line lines[LISTED];
    size_t holders = im_lock_holders(raw, holds, LISTED), listed = holders < LISTED ? holders : LISTED;
    for (size_t i = 0; i < listed; i++)
        lines[i] = (struct im_panic_line){i == 0 ? "held:" : "", holds[i].place->site, holds[i].thread};
    /* The operand without the `&` that every call has. */
    const char *name = place->expression + (place->expression[0] == '&');
    im_panic_with(place->site, lines, listed, holders, "cannot %s `%s`: %s", operation, name, why);
}

static struct im_rwlock_use use_of(const void *hold)
{
    const struct im_rwlock_hold *held = (const struct im_rwlock_hold *)hold;
    return (struct im_rwlock_use){held->lock, NULL, held->is_sharded};
}

static bool share_write(const void *hold) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return IM__RWLOCK_DO(use_of(hold), split);
}

static void unshare_write(const void *hold) IM_NO_THREAD_SAFETY_ANALYSIS
{
    IM__RWLOCK_DO(use_of(hold), write_unlock);
}

/* One reader more waits for nobody while there is one. */
static bool share_read(const void *hold) IM_NO_THREAD_SAFETY_ANALYSIS
{
    return IM__RWLOCK_DO(use_of(hold), try_read_recursive);
}

static void unshare_read(const void *hold) IM_NO_THREAD_SAFETY_ANALYSIS
{
    IM__RWLOCK_DO(use_of(hold), read_unlock);
}

void im__rwlock_hold_split(struct im_rwlock_hold *whole, const struct im_raw_guard_part *parts, size_t count,
                           const struct im_place *place)
{
    static const struct im_raw_guard_splitting read = {sizeof *whole, share_read, unshare_read, .may_overlap = true},
                                               write = {sizeof *whole, share_write, unshare_write,
                                                        .may_overlap = false};
    im_raw_guard_split(whole, whole->mode == IM_LOCK_EXCLUSIVE ? &write : &read, parts, count, place);
}
