/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    REDRAW_MS = 100, /* ten times a second looks smooth */
    BAR_COLUMNS = 40,
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void draw(uint64_t done, uint64_t total)
{
    double megabytes = (double)done / 1e6;
    if (done > total) { /* a stream: nobody knows where it ends */
        fprintf(stderr, "\r\033[K%.1f MB", megabytes);
        return;
    }
    double share = total ? (double)done / (double)total : 1;
    char bar[BAR_COLUMNS + 1] = {0};
    for (int i = 0; i < BAR_COLUMNS; i++)
        bar[i] = i < (int)(share * BAR_COLUMNS) ? '=' : ' ';
    fprintf(stderr, "\r\033[K[%s] %3.0f %%  %.1f of %.1f MB", bar, share * 100, megabytes, (double)total / 1e6);
}

void progress_begin(struct progress *progress, uint64_t total_bytes)
{
    progress->total_bytes = total_bytes;
    progress->visible = isatty(STDERR_FILENO);
    im_atomic_store(&progress->drawn_ms, now_ms());
}

void progress_advance(const struct progress *progress, uint64_t bytes)
{
    uint64_t done = im_atomic_fetch_add(&progress->done_bytes, bytes) + bytes;
    if (!progress->visible)
        return;
    uint64_t now = now_ms();
    /* One of the threads that find the bar old moves the time on; that one draws. */
    if (im_atomic_try_update(&progress->drawn_ms, drawn, now >= drawn + REDRAW_MS, now))
        draw(done, progress->total_bytes);
}

uint64_t progress_done(const struct progress *progress)
{
    return im_atomic_load(&progress->done_bytes);
}

void progress_end(struct progress *progress)
{
    if (progress->visible)
        fputs("\r\033[K", stderr);
    progress->visible = false;
}
