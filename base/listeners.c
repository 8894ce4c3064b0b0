/* SPDX-License-Identifier: MIT */
/* The checked build: who keeps records of objects, and what they are told and asked. */
#include <intermut/checked.h>

#include <intermut/sync.h>

static struct im_checked_listener *listeners; /* atomic; they are only ever added */
static bool reach_matters;                    /* atomic; one of them has `reached` */

void im_checked_listen(struct im_checked_listener *listener)
{
    if (listener->reached)
        im_sync_store(&reach_matters, true, memory_order_relaxed);
    listener->next = im_sync_load(&listeners, memory_order_relaxed);
    /* Release: the listener is filled; pairs with the acquire in first_listener(). */
    while (!im_sync_compare_exchange(&listeners, &listener->next, listener, memory_order_release, memory_order_relaxed))
        continue;
}

static const struct im_checked_listener *first_listener(void)
{
    /* Acquire: pairs with the release in im_checked_listen(); those behind it were released before. */
    return im_sync_load(&listeners, memory_order_acquire);
}

void im_checked_memory_ends(const void *memory, size_t bytes)
{
    for (const struct im_checked_listener *listener = first_listener(); listener; listener = listener->next) {
        if (listener->ends)
            listener->ends(memory, bytes);
    }
}

void im_checked_memory_moved(const void *from, const void *to, size_t bytes)
{
    for (const struct im_checked_listener *listener = first_listener(); listener; listener = listener->next) {
        if (listener->moved)
            listener->moved(from, to, bytes);
    }
}

const void *im_checked_reached(const void *object, const struct im_place *place)
{
    /* Relaxed: who has a pointer to what a listener knows of comes after im_checked_listen(). */
    if (IM_LIKELY(!im_sync_load(&reach_matters, memory_order_relaxed)))
        return object;
    for (const struct im_checked_listener *listener = first_listener(); listener; listener = listener->next) {
        if (listener->reached)
            listener->reached(object, place);
    }
    return object;
}

size_t im_checked_locks_held(const void **locks, size_t capacity)
{
    size_t held = 0;
    for (const struct im_checked_listener *listener = first_listener(); listener; listener = listener->next) {
        if (listener->locks_held)
            held += listener->locks_held(locks + held, capacity - held);
    }
    return held;
}
