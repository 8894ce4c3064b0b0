/* SPDX-License-Identifier: MIT */
/* A reader that stays in its section until it is told to leave it: so that a test sees what goes on beside it. */
#ifndef LATE_READER_H
#define LATE_READER_H

#include <intermut/sync.h>

static uint32_t reader_may_leave;

static inline void stay_until_told(void)
{
    while (!im_sync_load(&reader_may_leave, memory_order_acquire))
        im_sync_yield();
}

static inline void tell_to_leave(void)
{
    im_sync_store(&reader_may_leave, 1, memory_order_release);
}

/* A thread: later, when who does not wait for the reader has gone on long ago. */
static inline void *let_reader_leave(void *argument)
{
    enum { LATER_NS = 5 * 1000 * 1000 };
    const uint64_t until_ns = im_sync_now_ns() + LATER_NS;
    (void)argument;
    while (im_sync_now_ns() < until_ns)
        im_sync_yield();
    tell_to_leave();
    return NULL;
}

#endif
