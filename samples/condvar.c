/* SPDX-License-Identifier: MIT */
/*
 * A queue between threads that holds so many jobs and no more.
 *
 * Who finds it full waits until somebody has taken a job, who finds it empty until somebody has brought one, or until it
 * is closed. What is waited for is said in one expression; there is no loop to forget around it.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include <intermut/condvar.h>

enum { CAPACITY = 16, PRODUCERS = 2, WORKERS = 3, JOBS = 10000 };

struct queue {
    unsigned jobs[CAPACITY];
    unsigned first, count;
    bool is_closed;
};
static im_mutex(struct queue) queue;
static im_condvar has_room, has_jobs;

static void put(unsigned job)
{
    im_mutex_with(q, &queue)
    {
        im_condvar_wait_while(&has_room, &queue, now, now->count == CAPACITY);
        q->jobs[(q->first + q->count++) % CAPACITY] = job;
    }
    im_condvar_notify_one(&has_jobs);
}

/* False: it is closed, and empty. */
static bool take(unsigned *job)
{
    bool is_taken = false;
    im_mutex_with(q, &queue)
    {
        im_condvar_wait_while(&has_jobs, &queue, now, now->count == 0 && !now->is_closed);
        if (q->count == 0)
            break;
        *job = q->jobs[q->first];
        q->first = (q->first + 1) % CAPACITY, q->count--;
        is_taken = true;
    }
    if (is_taken)
        im_condvar_notify_one(&has_room);
    return is_taken;
}

static void *produce(void *argument)
{
    for (unsigned job = 1; job <= JOBS; job++)
        put(job);
    return argument;
}

static void *work(void *argument)
{
    unsigned long *sum = argument;
    for (unsigned job; take(&job);)
        *sum += job;
    return NULL;
}

int main(void)
{
    pthread_t producers[PRODUCERS], workers[WORKERS];
    unsigned long sums[WORKERS] = {0}, sum = 0;
    for (int i = 0; i < WORKERS; i++)
        if (pthread_create(&workers[i], NULL, work, &sums[i]))
            return 1;
    for (int i = 0; i < PRODUCERS; i++)
        if (pthread_create(&producers[i], NULL, produce, NULL))
            return 1;
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(producers[i], NULL);
    im_mutex_with(q, &queue)
    {
        q->is_closed = true;
        im_condvar_notify_all(&has_jobs);
    }
    for (int i = 0; i < WORKERS; i++) {
        pthread_join(workers[i], NULL);
        sum += sums[i];
    }
    printf("%d jobs, sum %lu\n", PRODUCERS * JOBS, sum);
    return sum == PRODUCERS * (unsigned long)JOBS * (JOBS + 1) / 2 ? 0 : 1;
}
