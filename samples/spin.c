/* SPDX-License-Identifier: MIT */
/*
 * The range of what four sensors measure: a record that every reading changes, as one step.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <intermut/spin.h>

enum { SENSORS = 4, READINGS = 10000 };

struct range {
    long lowest, highest, readings;
};

static im_spin(struct range) range = IM_SPIN_INIT({.lowest = 20, .highest = 20});

static struct range widened(struct range r, long degrees)
{
    return (struct range){degrees < r.lowest ? degrees : r.lowest, degrees > r.highest ? degrees : r.highest,
                          r.readings + 1};
}

static void *measure(void *unused)
{
    for (long i = 0; i < READINGS; i++)
        im_spin_update(&range, r, widened(r, i * 7919 % 61 - 20));
    return unused;
}

int main(void)
{
    pthread_t sensors[SENSORS];
    for (int i = 0; i < SENSORS; i++) {
        if (pthread_create(&sensors[i], NULL, measure, NULL))
            exit(EXIT_FAILURE);
    }
    for (int i = 0; i < SENSORS; i++)
        pthread_join(sensors[i], NULL);
    struct range now = im_spin_load(&range);
    printf("%ld readings, from %ld to %ld degrees\n", now.readings, now.lowest, now.highest);
    return 0;
}
