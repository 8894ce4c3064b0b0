/* SPDX-License-Identifier: MIT */
/* The cold paths of im_mutex: refusals, and the splitting of guards. */
#include <intermut/raw_mutex.h>

static const struct im_place no_place = {"?", {NULL, NULL, 0}};

static const struct im_place *place_or_none(const struct im_place *place)
{
    return place ? place : &no_place;
}

/* The operand without the `&` that every call has. */
static const char *name_of(const struct im_place *place)
{
    return place->expression + (place->expression[0] == '&');
}

void im_lock_refuse(const char *operation, const char *obstacle, const struct im_place *place)
{
    const struct im_place *here = place_or_none(place);
    im_panic(here->site, no_place.site, "cannot %s `%s`: %s", operation, name_of(here), obstacle);
}

void im_raw_mutex_refuse_poisoned(const void *lock, const struct im_raw_lock_ops *ops, const char *operation,
                                  const struct im_place *place)
{
    const struct im_place *here = place_or_none(place);
    const struct im_panic_line poisoned = {.label = "poisoned", .site = ops->poisoned(lock)->site};
    ops->unlock(lock);
    im_panic_with(here->site, &poisoned, poisoned.site.file ? 1 : 0, 0,
                  "cannot %s `%s`: it is poisoned, a holder ended early", operation, name_of(here));
}

void im_raw_mutex_check_pair(const void *one, size_t bytes_one, const void *two, size_t bytes_two,
                             const struct im_place *place_one, const struct im_place *place_two)
{
    if (im_raw_guard_do_overlap(one, bytes_one, two, bytes_two))
        im_panic(place_one->site, no_place.site, "cannot lock `%s` and `%s`: they %s", name_of(place_one),
                 name_of(place_two), one == two ? "are one lock" : "overlap");
}

static bool share_guard(const void *hold)
{
    const struct im_raw_mutex_guard *guard = (const struct im_raw_mutex_guard *)hold;
    return guard->ops->share(guard->lock);
}

static void unshare_guard(const void *hold)
{
    const struct im_raw_mutex_guard *guard = (const struct im_raw_mutex_guard *)hold;
    guard->ops->unlock(guard->lock);
}

void im_raw_mutex_guard_split(struct im_raw_mutex_guard *whole, const struct im_raw_guard_part *parts, size_t count,
                              const struct im_place *place)
{
    static const struct im_raw_guard_splitting how = {sizeof *whole, share_guard, unshare_guard, .may_overlap = false};
    if (!whole->ops->share)
        im_lock_refuse("split", "its raw lock cannot be shared by parts", place);
    im_raw_guard_split(whole, &how, parts, count, place);
}
