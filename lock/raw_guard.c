/* SPDX-License-Identifier: MIT */
/* The splitting of guards, and what they refuse. */
#include <intermut/raw_guard.h>
#include <intermut/raw_mutex.h>

#include <string.h>

void im_raw_guard_is_empty(const char *operation, const struct im_place *place)
{
    im_lock_refuse(operation, "the guard holds no lock", place);
}

static void check_apart(const struct im_raw_guard_part *parts, size_t count, const struct im_place *place)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (im_raw_guard_do_overlap(parts[j].value, parts[j].bytes, parts[i].value, parts[i].bytes))
                im_panic(place->site, (struct im_site){NULL, NULL, 0}, "cannot split `%s`: parts %zu and %zu overlap",
                         place->expression + (place->expression[0] == '&'), j + 1, i + 1);
        }
    }
}

void im_raw_guard_split(void *whole, const struct im_raw_guard_splitting *how, const struct im_raw_guard_part *parts,
                        size_t count, const struct im_place *place)
{
    if (!how->may_overlap)
        check_apart(parts, count, place);
    for (size_t i = 1; i < count; i++) {
        if (how->share(whole))
            continue;
        for (; i > 1; i--)
            how->unshare(whole);
        im_lock_refuse("split", "too many parts", place);
    }
    char hold[IM_RAW_GUARD_HOLD_BYTES];
    memcpy(hold, whole, how->hold_bytes);
    memset(whole, 0, sizeof(const void *));
    for (size_t i = 0; i < count; i++)
        memcpy(parts[i].hold, hold, how->hold_bytes);
}
