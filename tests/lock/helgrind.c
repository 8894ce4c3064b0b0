/* SPDX-License-Identifier: MIT */
/*
 * Row L13: values behind each lock, for Helgrind. With -DIM_HELGRIND=1 it has nothing to say; without, it has, since it
 * takes no atomic instruction for synchronisation.
 */
#include <pthread.h>

#include <intermut/condvar.h>
#include <intermut/reentrant.h>

enum { TIMES = 200 };

static im_mutex(int) number;
static im_mutex_of(im_raw_spinlock, int) spinning;
static im_mutex_of(im_raw_ticket, int) queued;
static im_reentrant(int) again;
static im_condvar has_changed;

static void *change(void *unused)
{
    for (int i = 0; i < TIMES; i++) {
        im_mutex_with(n, &number)(*n)++;
        im_condvar_notify_all(&has_changed);
        im_mutex_with(n, &spinning)(*n)++;
        im_mutex_try_with(n, &queued)(*n)++;
        im_reentrant_with(outer, &again)
            im_reentrant_with(inner, &again) if (outer == inner)(*im_unsafe_cell_get(&again))++;
    }
    return unused;
}

/* Locks may end, also such as were never locked. */
static void end_locks(void)
{
    im_mutex(int) mutex = IM_MUTEX_INIT(1);
    im_mutex_of(im_raw_pthread, int) portable = IM_MUTEX_INIT(1);
    im_reentrant(int) reentrant = IM_REENTRANT_INIT(1);
    im_mutex_destroy(&mutex);
    im_mutex_destroy(&portable);
    im_reentrant_destroy(&reentrant);
}

int main(void)
{
    end_locks();
    pthread_t other;
    if (pthread_create(&other, NULL, change, NULL))
        return 1;
    change(NULL);
    im_mutex_with(n, &number)
    {
        (void)n;
        im_condvar_wait_while(&has_changed, &number, now, *now < 2 * TIMES);
    }
    pthread_join(other, NULL);
    return im_mutex_into_inner(&number) == 2 * TIMES ? 0 : 1;
}
