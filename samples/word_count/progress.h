/* SPDX-License-Identifier: MIT */
/*
 * The progress bar: on standard error, and only if that is a terminal.
 *
 * There is no thread for it: whoever has just read something, and finds the bar old, draws it.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <intermut/atomic.h>

struct progress {
    im_atomic(uint64_t) done_bytes;
    im_atomic(uint64_t) drawn_ms; /* when the bar was last drawn */
    uint64_t total_bytes;         /* as far as it is known: streams have no size */
    bool visible;
};

void progress_begin(struct progress *progress, uint64_t total_bytes);

/* So many bytes more are done. Shared. */
void progress_advance(const struct progress *progress, uint64_t bytes);

/* All bytes done so far. Shared. */
uint64_t progress_done(const struct progress *progress);

/* Wipe the bar away. */
void progress_end(struct progress *progress);

#endif
