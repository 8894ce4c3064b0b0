/* SPDX-License-Identifier: MIT */
/*
 * The metrics of a web service: any thread counts under any name, and they are printed while that goes on.
 *
 * What is known of a path is two numbers that belong together, in one atomic value inside the table. Nobody who counts
 * waits for who prints, and what is printed of a path is a moment of it, never one number of now and one of before.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    unsigned long requests;
    unsigned long busy_us;
} metric;

#define IM_MAP_NAME metric_map
#define IM_MAP_STRING_KEY
#define IM_MAP_ATOMIC_VALUE metric
#include <intermut/map.h>

enum { THREADS = 4, REQUESTS = 50000, USERS = 5000, PRINTS = 3, US_PER_REQUEST = 120 };

static metric_map metrics; /* zeroed: an empty map */

static void count(struct im_slice path, unsigned long took_us)
{
    im_map_with_or_insert(metric_map, m, &metrics, path, (metric){0, 0}) {
        im_atomic_fetch_update(m, old, (metric){old.requests + 1, old.busy_us + took_us});
    } else {
        fputs("out of memory\n", stderr);
    }
}

static void *serve(void *unused)
{
    for (unsigned i = 0; i < REQUESTS; i++) {
        char path[24];
        snprintf(path, sizeof path, "/user/%u", i % USERS);
        count(im_slice_of(path), US_PER_REQUEST);
    }
    return unused;
}

/* How many paths were seen with numbers that do not belong together. */
static size_t print_metrics(const char *when)
{
    metric sum = {0, 0};
    size_t paths = 0, torn = 0;
    metric_map_cursor at = metric_map_cursor_open(&metrics);
    for (; metric_map_cursor_next(&at); paths++) {
        sum = (metric){sum.requests + at.value.requests, sum.busy_us + at.value.busy_us};
        torn += at.value.busy_us != at.value.requests * US_PER_REQUEST;
    }
    metric_map_cursor_close(&at);
    printf("%s: %zu paths, %lu requests, %lu ms\n", when, paths, sum.requests, sum.busy_us / 1000);
    return torn;
}

int main(void)
{
    size_t torn = 0;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, serve, NULL))
            return EXIT_FAILURE;
    }
    for (int i = 0; i < PRINTS; i++)
        torn += print_metrics("so far");
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    torn += print_metrics("at the end");

    metric one;
    if (metric_map_get(&metrics, im_slice_of("/user/42"), &one) == 0)
        printf("/user/42: %lu requests, %lu us each; %zu torn\n", one.requests, one.busy_us / one.requests, torn);
    metric_map_destroy(&metrics);
    return torn > 0;
}
