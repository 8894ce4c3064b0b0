/* SPDX-License-Identifier: MIT */
/* One owner of a marker in each thread. The marker is this thread's, so nothing here meets another one. */
#include <intermut/tlcell.h>

#include <intermut/sync.h>

static const char *name_of(const struct im_place *place)
{
    return place->expression + (place->expression[0] == '&');
}

int im_raw_tlcell_owner_try_new(struct im_raw_tlcell_marker *marker, struct im_raw_owner *owner,
                                const struct im_place *place)
{
    if (marker->im_made)
        return EBUSY;
    marker->im_made = place;
    im_raw_owner_make(owner, IM_RAW_OWNER_MARKED, place);
    owner->im_thread = im_sync_thread_number();
    return 0;
}

void im_raw_tlcell_owner_new(struct im_raw_tlcell_marker *marker, struct im_raw_owner *owner,
                             const struct im_place *place)
{
    if (im_raw_tlcell_owner_try_new(marker, owner, place) == 0)
        return;
    struct im_panic_line made = {"made", marker->im_made->site, im_sync_thread_number()};
    im_panic_with(place->site, &made, 1, 0, "cannot make `%s`: its marker has an owner in this thread", name_of(place));
}

void im_raw_tlcell_owner_end(struct im_raw_tlcell_marker *marker, struct im_raw_owner *owner,
                             const struct im_place *place)
{
    if (im_raw_owner_id(owner) && owner->im_thread != im_sync_thread_number()) {
        struct im_panic_line made = {"made", owner->im_made->site, owner->im_thread};
        im_panic_with(place->site, &made, 1, 0, "cannot end `%s`: it belongs to another thread", name_of(place));
    }
    im_raw_owner_end(owner, place);
    marker->im_made = NULL;
}
