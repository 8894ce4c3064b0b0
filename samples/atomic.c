/* SPDX-License-Identifier: MIT */
/*
 * The statistics of a server: four threads that hold it as const count what they serve, and none waits for another.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/atomic.h>

enum { THREADS = 4, REQUESTS = 10000, QUEUE = 25000 };

struct statistics {
    im_atomic(uint64_t) served;
    im_atomic(uint64_t) bytes;
    im_atomic(uint32_t) slowest_us;
    im_atomic(double) busy_ms;
};

struct server {
    struct statistics statistics;
    im_atomic(int) places; /* how many requests may still come in */
    im_atomic(bool) was_full;
};

/* A request takes one of the places, if there is any left. */
static void serve(const struct server *server, uint32_t request)
{
    if (!im_atomic_try_update(&server->places, n, n > 0, n - 1)) {
        im_atomic_store(&server->was_full, true);
        return;
    }
    uint32_t took_us = 100 + request % 50;
    im_atomic_fetch_add(&server->statistics.served, 1);
    im_atomic_fetch_add(&server->statistics.bytes, 1024);
    im_atomic_fetch_add(&server->statistics.busy_ms, 0.125);
    im_atomic_fetch_max(&server->statistics.slowest_us, took_us);
}

static void *run_thread(void *argument)
{
    const struct server *server = argument;
    for (uint32_t request = 0; request < REQUESTS; request++)
        serve(server, request);
    return NULL;
}

int main(void)
{
    static struct server server = {.places = IM_ATOMIC_INIT(QUEUE)};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, run_thread, &server))
            exit(EXIT_FAILURE);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    const struct statistics *statistics = &server.statistics;
    printf("%lu of %d requests served, %lu bytes\n", im_atomic_load(&statistics->served), THREADS * REQUESTS,
           im_atomic_load(&statistics->bytes));
    printf("slowest: %u us, busy: %.0f ms, %s\n", im_atomic_load(&statistics->slowest_us),
           im_atomic_load(&statistics->busy_ms), im_atomic_load(&server.was_full) ? "was full" : "never full");
    return 0;
}
