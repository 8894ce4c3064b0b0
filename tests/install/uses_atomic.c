/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdint.h>

#include <intermut/atomic.h>

typedef im_atomic(uint64_t) counter;

enum { TIMES = 1000 };

static void *count(void *argument)
{
    const counter *hits = argument;
    for (int i = 0; i < TIMES; i++)
        im_atomic_fetch_add(hits, 1);
    return NULL;
}

int main(void)
{
    counter hits = IM_ATOMIC_INIT(0);
    pthread_t other;
    if (pthread_create(&other, NULL, count, &hits))
        return 1;
    count(&hits);
    pthread_join(other, NULL);
    return im_atomic_load(&hits) == 2 * TIMES ? 0 : 1;
}
