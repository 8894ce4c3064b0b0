/* SPDX-License-Identifier: MIT */
/*
 * One owner of a marker at a time.
 *
 * The marker's word is 0 without an owner, 1 with one, and 2 with one for whose end somebody may sleep. It is taken by a
 * compare-exchange from 0 to 1, or, by who has waited, by an exchange to 2: it cannot know whether others still wait,
 * so its own end wakes one of them. Who exchanges a 1 or 2 for a 2 has changed nothing but that promise, and sleeps.
 * The end exchanges the word for 0 and wakes one sleeper if it was 2: no end before which somebody fell asleep is
 * missed, since falling asleep and finding a 2 are one step of the futex.
 *
 * Order: taking acquires what the end released, so an owner sees what was done with the cells under the one before.
 * Progress: new and try_new never wait; of those that wait, one goes on after each end.
 * Source: U. Drepper, "Futexes Are Tricky", 2011, mutex2.
 */
#include <intermut/tcell.h>

#include <intermut/sync.h>

enum { FREE, TAKEN, TAKEN_WITH_SLEEPERS };

static bool try_take(struct im_raw_tcell_marker *marker)
{
    uint32_t free = FREE;
    /* Pairs with the release in im_raw_tcell_owner_end(). */
    return im_sync_compare_exchange(&marker->im_word, &free, TAKEN, memory_order_acquire, memory_order_relaxed);
}

/* Where it was made is for panics of other threads alone, and orders nothing. */
static void begin(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner, const struct im_place *place)
{
    im_sync_store(&marker->im_made, place, memory_order_relaxed);
    im_raw_owner_make(owner, IM_RAW_OWNER_MARKED, place);
}

int im_raw_tcell_owner_try_new(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                               const struct im_place *place)
{
    if (!try_take(marker))
        return EBUSY;
    begin(marker, owner, place);
    return 0;
}

void im_raw_tcell_owner_new(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                            const struct im_place *place)
{
    if (im_raw_tcell_owner_try_new(marker, owner, place) == 0)
        return;
    const struct im_place *made = im_sync_load(&marker->im_made, memory_order_relaxed);
    struct im_panic_line line = {"made", made ? made->site : (struct im_site){NULL, NULL, 0}, 0};
    im_panic_with(place->site, &line, made != NULL, 0, "cannot make `%s`: its marker has an owner",
                  place->expression + (place->expression[0] == '&'));
}

void im_raw_tcell_owner_wait_for_new(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                                     const struct im_place *place)
{
    if (!try_take(marker)) {
        /* Pairs with the release in im_raw_tcell_owner_end(). */
        while (im_sync_exchange(&marker->im_word, TAKEN_WITH_SLEEPERS, memory_order_acquire) != FREE)
            im_sync_wait(&marker->im_word, TAKEN_WITH_SLEEPERS, IM_SYNC_FOREVER);
    }
    begin(marker, owner, place);
}

void im_raw_tcell_owner_end(struct im_raw_tcell_marker *marker, struct im_raw_owner *owner,
                            const struct im_place *place)
{
    im_raw_owner_end(owner, place);
    im_sync_store(&marker->im_made, NULL, memory_order_relaxed); /* a panic names no owner that has ended */
    /* Release: who makes the next owner has what was done under this one. */
    if (im_sync_exchange(&marker->im_word, FREE, memory_order_release) == TAKEN_WITH_SLEEPERS)
        im_sync_wake(&marker->im_word, 1);
}
