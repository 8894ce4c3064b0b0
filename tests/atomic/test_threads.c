/* SPDX-License-Identifier: MIT */
/* Nothing is lost between threads: each operation is one step. */
#include <criterion/criterion.h>

#include <pthread.h>

#include <intermut/atomic.h>

enum { THREADS = 4, ROUNDS = 50000 };

typedef struct {
    uint16_t low, high;
} halves;

typedef im_atomic(uint8_t) atomic_u8;
typedef im_atomic(uint64_t) atomic_u64;
typedef im_atomic(double) atomic_double;
typedef im_atomic(halves) atomic_halves;

struct shared {
    atomic_u8 small[THREADS]; /* neighbours in one word */
    atomic_u64 sum;
    atomic_double real_sum;
    atomic_halves pair;
    atomic_u64 greatest;
    atomic_u64 next_number;
};

static struct shared shared;

static void *work(void *argument)
{
    const struct shared *s = &shared;
    size_t me = (size_t)(uintptr_t)argument;
    for (unsigned i = 0; i < ROUNDS; i++) {
        im_atomic_fetch_add(&s->small[me], 1);
        im_atomic_fetch_add(&s->sum, i);
        im_atomic_fetch_add(&s->real_sum, 0.5);
        im_atomic_fetch_update(&s->pair, p, ((halves){(uint16_t)(p.low + 1), (uint16_t)(p.high - 1)}));
        im_atomic_fetch_max(&s->greatest, i * THREADS + me);
    }
    return NULL;
}

static void run(void *(*function)(void *))
{
    pthread_t threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, function, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

Test(threads, no_update_is_lost)
{
    run(work);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(im_atomic_load(&shared.small[i]), (uint8_t)ROUNDS);
    cr_assert_eq(im_atomic_load(&shared.sum), (uint64_t)THREADS * ROUNDS * (ROUNDS - 1) / 2);
    cr_assert_eq(im_atomic_load(&shared.real_sum), THREADS * ROUNDS * 0.5);
    halves pair = im_atomic_load(&shared.pair);
    cr_assert_eq((uint16_t)(pair.low + pair.high), 0);
    cr_assert_eq(pair.low, (uint16_t)(THREADS * ROUNDS));
    cr_assert_eq(im_atomic_load(&shared.greatest), (uint64_t)ROUNDS * THREADS - 1);
}

static bool seen[THREADS * ROUNDS];

static void *take_numbers(void *argument)
{
    (void)argument;
    uint64_t mine;
    while ((mine = im_atomic_fetch_add(&shared.next_number, 1)) < THREADS * ROUNDS)
        seen[mine] = true; /* nobody else has this number */
    return NULL;
}

Test(threads, every_number_is_given_once)
{
    run(take_numbers);
    for (size_t i = 0; i < THREADS * ROUNDS; i++)
        cr_assert(seen[i]);
}
