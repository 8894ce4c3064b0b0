/* SPDX-License-Identifier: MIT */
/*
 * Row L11: the checked build of locks under load. Threads that keep an order, in every kind of lock, while others come and
 * go and locks end on the heap, are reported for nothing. Then each thread takes three locks of its own in a circle of
 * orders, which is found in each, once, though none could ever hang.
 *
 * Twins: a search that finds no circle; an order that outlives its lock.
 */
#include "stress.h"

#undef IM_CHECKED
#define IM_CHECKED 1
#include <intermut/condvar.h>
#include <intermut/mutex.h>
#include <intermut/reentrant.h>
#include <intermut/rwlock.h>

enum { THREADS = 4, LOCKS = 6, RUNS = 2, CIRCLE = 3 };

typedef im_mutex(uint64_t) mutex;

static uint64_t operations;
static stress_counter dangers;

/* In this order: */
static mutex mutexes[LOCKS];
static im_rwlock(uint64_t) shared;
static im_reentrant(int) entered;
static im_condvar changed;

static void count_danger(const struct im_panic_info *info)
{
    (void)info;
    im_atomic_fetch_add(&dangers, 1);
}

static void report_panic(const struct im_panic_info *info)
{
    stress_violation("%s", info->message);
    exit(stress_verdict());
}

static void use_some(uint64_t random)
{
    for (unsigned i = 0; i < LOCKS; i++) {
        if (random & 1u << i)
            ++*im_mutex_lock(&mutexes[i]);
    }
    im_rwlock_with_read(p, &shared) im_reentrant_with(q, &entered) im_reentrant_with(r, &entered) random +=
        *p + (uint64_t)(*q + *r);
    if (random % 8 == 0)
        im_rwlock_with_write(p, &shared)++ *p;
    for (unsigned i = 0; i < LOCKS; i++) {
        if (im_lock_checked_is_mine(&mutexes[i]))
            im_mutex_unlock(&mutexes[i]);
    }
}

/* Against the order: it waits for nobody. */
static void try_backwards(void)
{
    im_mutex_try_with(p, &mutexes[LOCKS - 1]) im_mutex_try_with(q, &mutexes[0]) *p += *q;
}

static mutex *new_mutex(void)
{
    mutex *made = (mutex *)calloc(1, sizeof *made);
    if (!made)
        exit(EXIT_FAILURE);
    return made;
}

/* Twice, in two orders: most often, the second one is where the first one was. */
static void use_two_on_the_heap(uint64_t random)
{
    mutex *own = new_mutex();
    im_mutex_with(p, own) im_mutex_with(q, &mutexes[random % LOCKS]) *p = *q;
    im_mutex_destroy(own);
    free(own);
    own = new_mutex();
    im_mutex_with(q, &mutexes[random % LOCKS]) im_mutex_with(p, own) *q += *p;
    im_mutex_destroy(own);
    free(own);
}

static void wait_a_little(void)
{
    im_mutex_with(p, &mutexes[0]) im_condvar_wait_for(&changed, &mutexes[0], *p % 2 ? 1000 : 0);
    im_condvar_notify_all(&changed);
}

static void *keep_the_order(void *seed)
{
    uint64_t random = (uintptr_t)seed;
    for (uint64_t i = 0; i < operations; i++) {
        use_some(stress_random(&random));
        try_backwards();
        use_two_on_the_heap(stress_random(&random));
        if (i % 16 == 0)
            wait_a_little();
    }
    return NULL;
}

static void *come_and_go(void *unused)
{
    use_some(7);
    return unused;
}

static void *close_a_circle(void *seed)
{
    mutex circle[CIRCLE] = {IM_MUTEX_INIT((uintptr_t)seed)};
    for (int i = 0; i < 2 * CIRCLE; i++)
        im_mutex_with(p, &circle[i % CIRCLE]) im_mutex_with(q, &circle[(i + 1) % CIRCLE]) *p += *q;
    for (int i = 0; i < CIRCLE; i++)
        im_mutex_destroy(&circle[i]);
    return NULL;
}

static void run_all(void *(*function)(void *))
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        stress_start(&threads[i], function, (void *)(i + 1));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
    operations = stress_operations(4000, stress_scale(argc, argv));
    im_panic_set_handler(report_panic);
    im_lock_set_handler(count_danger);
    for (uint64_t run = 0; stress_again(run, RUNS); run++) {
        im_atomic_store(&dangers, 0);
        pthread_t guest;
        stress_start(&guest, come_and_go, NULL);
        run_all(keep_the_order);
        pthread_join(guest, NULL);
        if (im_atomic_load(&dangers) != 0)
            stress_violation("%lu dangers where there are none", (unsigned long)im_atomic_load(&dangers));
        if (IM_THREAD_SANITIZER)
            continue; /* it finds the circles itself */
        im_atomic_store(&dangers, 0);
        run_all(close_a_circle);
        if (im_atomic_load(&dangers) != THREADS)
            stress_violation("%lu circles, not %d", (unsigned long)im_atomic_load(&dangers), THREADS);
    }
    return stress_verdict();
}
