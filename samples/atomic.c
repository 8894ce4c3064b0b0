/* SPDX-License-Identifier: MIT */
/*
 * The statistics of a server: four threads that hold it as const count what they serve, and none waits for another. The
 * numbers that belong together are one atomic record of 24 bytes, so whoever looks at them sees a moment, not a mixture.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/atomic_wait.h>

enum { THREADS = 4, REQUESTS = 10000, QUEUE = 25000, BYTES_EACH = 1024 };

struct statistics {
    uint64_t served;
    uint64_t bytes;
    double busy_ms;
};

struct server {
    im_atomic(struct statistics) statistics;
    im_atomic(uint32_t) slowest_us;
    im_atomic(int) places; /* how many requests may still come in */
    im_atomic(bool) was_full;
    im_atomic(unsigned) at_work; /* threads */
};

/* A request takes one of the places, if there is any left. */
static void serve(const struct server *server, uint32_t request)
{
    if (!im_atomic_try_update(&server->places, n, n > 0, n - 1)) {
        im_atomic_store(&server->was_full, true);
        return;
    }
    im_atomic_fetch_update(&server->statistics, s,
                           (struct statistics){s.served + 1, s.bytes + BYTES_EACH, s.busy_ms + 0.125});
    im_atomic_fetch_max(&server->slowest_us, 100 + request % 50);
}

static void *run_thread(void *argument)
{
    const struct server *server = argument;
    for (uint32_t request = 0; request < REQUESTS; request++)
        serve(server, request);
    im_atomic_fetch_sub(&server->at_work, 1);
    im_atomic_wake_all(&server->at_work);
    return NULL;
}

/* Looks at the record while the others change it; how often its parts did not fit each other. */
static unsigned watch(const struct server *server)
{
    unsigned misfits = 0;
    while (im_atomic_load(&server->at_work) > 1) {
        struct statistics now = im_atomic_load(&server->statistics);
        misfits += now.bytes != now.served * BYTES_EACH || now.busy_ms != (double)now.served * 0.125;
    }
    return misfits;
}

int main(void)
{
    static struct server server = {.places = IM_ATOMIC_INIT(QUEUE), .at_work = IM_ATOMIC_INIT(THREADS)};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, run_thread, &server))
            exit(EXIT_FAILURE);
    }
    unsigned misfits = watch(&server);
    (void)im_atomic_wait_while(&server.at_work, n, n > 0);

    struct statistics total = im_atomic_load(&server.statistics);
    printf("%lu of %d requests served, %lu bytes, %u misfits\n", total.served, THREADS * REQUESTS, total.bytes,
           misfits);
    printf("slowest: %u us, busy: %.0f ms, %s\n", im_atomic_load(&server.slowest_us), total.busy_ms,
           im_atomic_load(&server.was_full) ? "was full" : "never full");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
